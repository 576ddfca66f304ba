//! Jobs as they are shown.

use serde::Serialize;

use super::job::{Counts, JobName, JobResult};
use super::store::JobRow;
use super::warning::Warning;
use crate::kernel::Moment;
use crate::kernel::message::Lang;

/// A job.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Job)]
pub(super) struct JobView {
    pub(super) name: JobName,
    /// When it is due; null: not planned yet.
    pub(super) due_at: Option<Moment>,
    /// Whether it runs now.
    pub(super) running: bool,
    /// When it last began.
    pub(super) begun_at: Option<Moment>,
    /// When it last ended.
    pub(super) ended_at: Option<Moment>,
    /// When it last did all that it was to do.
    pub(super) succeeded_at: Option<Moment>,
    /// How long the last one took, in milliseconds.
    pub(super) took_ms: Option<i64>,
    /// How the last one ended; null: none did.
    pub(super) result: Option<JobResult>,
    /// What the last one counted, by name.
    pub(super) counts: Counts,
    /// How often it failed or was interrupted, ever.
    pub(super) failures: i64,
}

impl JobView {
    pub(super) fn of(job: JobRow, now: Moment) -> Self {
        Self {
            running: job.is_running(now),
            name: job.name,
            due_at: job.due_at,
            begun_at: job.begun_at,
            ended_at: job.ended_at,
            succeeded_at: job.succeeded_at,
            took_ms: job.took_ms,
            result: job.result,
            counts: job.detail.0,
            failures: job.failures,
        }
    }
}

/// What somebody should look at.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = JobWarning)]
pub(super) struct WarningView {
    /// `job_failed`, `job_late`, `doctor_trouble`, `doctor_warning`, `disk_low` or `no_backup`.
    #[schema(example = "no_backup")]
    pub(super) code: &'static str,
    /// What was found and the way out, in the language of `Accept-Language`.
    pub(super) message: String,
}

impl WarningView {
    pub(super) fn of(warning: Warning, lang: Lang) -> Self {
        Self { code: warning.code(), message: warning.say().in_lang(lang).to_owned() }
    }
}

/// All jobs, and what about them and this installation somebody should look at.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Jobs {
    /// The jobs, by name.
    pub(super) items: Vec<JobView>,
    /// What somebody should look at; empty when all is well.
    pub(super) warnings: Vec<WarningView>,
}
