//! `/jobs`: what runs in the background, how it went, and what somebody should look at.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};

use crate::http::{Core, Form, Frame, Id, Result, local_path, see_other, show};
use crate::jobs::job::{Counts, JobName};
use crate::jobs::view::JobView;
use crate::jobs::warning::Warning;
use crate::jobs::{rules, service, store};
use crate::people::rights::{ManagePeople, ReadAudit};
use crate::people::{Right, Visitor};

/// `/jobs`.
pub fn router() -> Router<Core> {
    Router::new().route("/jobs", get(jobs)).route("/jobs/{name}/run", post(run))
}

#[derive(Template)]
#[template(path = "jobs/jobs.html")]
struct JobsPage {
    frame: Frame,
    form: Form,
    jobs: Vec<JobView>,
    warnings: Vec<Warning>,
    may_run: bool,
}

/// What a job counts: as stored, in Vietnamese, in English.
const COUNTS: &[(&str, &str, &str)] = &[
    ("backup_days", "ngày từ lần sao lưu trước", "days since the last back-up"),
    ("checks", "mục đã kiểm tra", "things checked"),
    ("disk_free_mib", "MiB còn trống", "MiB free"),
    ("dropped", "dòng đã xóa", "rows dropped"),
    ("rules", "quy tắc", "rules"),
    ("trouble", "chỗ sai", "wrong"),
    ("warnings", "điều cần xem", "to look at"),
];

impl JobsPage {
    fn name(&self, job: &JobView) -> String {
        self.frame.say(&job.name.say()).to_owned()
    }

    /// The class and the words of how the last one went.
    fn state(&self, job: &JobView) -> (&'static str, String) {
        if job.running {
            return ("quiet", self.frame.t("Đang chạy", "Running").to_owned());
        }
        match job.result {
            None => ("quiet", self.frame.t("Chưa chạy lần nào", "Never ran").to_owned()),
            Some(result) => {
                let class = if result.is_success() { "enough" } else { "short" };
                (class, self.frame.say(&result.say()).to_owned())
            }
        }
    }

    fn counts(&self, counts: &Counts) -> String {
        let word = |name: &str| {
            let known = COUNTS.iter().find(|(known, ..)| *known == name);
            known.map_or_else(|| name.to_owned(), |(_, vi, en)| self.frame.t(vi, en).to_owned())
        };
        let each = counts.iter().map(|(name, n)| format!("{} {}", self.frame.number(n), word(name)));
        each.collect::<Vec<_>>().join(", ")
    }

    fn warning(&self, warning: &Warning) -> String {
        self.frame.say(&warning.say()).to_owned()
    }

    fn took(&self, ms: &i64) -> String {
        if *ms < 1_000 { format!("{ms} ms") } else { format!("{} s", self.frame.number(ms / 1_000)) }
    }
}

async fn jobs(State(core): State<Core>, visitor: Visitor<ReadAudit>) -> Result<Response> {
    let may_run = visitor.may(Right::ManagePeople);
    show_jobs(&core, visitor.frame, may_run, StatusCode::OK, Form::default()).await
}

async fn show_jobs(core: &Core, frame: Frame, may_run: bool, status: StatusCode, form: Form) -> Result<Response> {
    let now = core.clock.now();
    let rows = store::jobs(&mut core.db.read().await?).await?;
    let warnings = rules::warnings(&rows, now);
    let jobs = rows.into_iter().map(|job| JobView::of(job, now)).collect();
    show(status, &JobsPage { frame, form, jobs, warnings, may_run })
}

async fn run(
    State(core): State<Core>,
    visitor: Visitor<ManagePeople>,
    Id(name): Id<JobName>,
    form: Form,
) -> Result<Response> {
    match core.run(async |tx| service::run_now(tx, &core, &visitor.permit, name).await).await {
        Ok(_) => {
            let back = local_path(form.value("back")).unwrap_or("/jobs").to_owned();
            Ok(see_other(&format!("{back}?done=job_due")))
        }
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_jobs(&core, visitor.frame, true, status, form).await
        }
    }
}
