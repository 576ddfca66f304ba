//! What `GET /metrics` tells of jobs: read from their rows when it is asked for, so that every process tells the same.

use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Unit;

use super::warning::Warning;
use super::{rules, store};
use crate::http::Core;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Job {
    job: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Code {
    code: &'static str,
}

type Count = Gauge<u64, AtomicU64>;
type Secs = Gauge<f64, AtomicU64>;

/// The measures of jobs.
#[derive(Debug, Default)]
struct Measures {
    registered: OnceLock<()>,
    succeeded: Family<Job, Secs>,
    took: Family<Job, Secs>,
    failures: Family<Job, Count>,
    warnings: Family<Code, Count>,
}

/// Adds the measures of jobs to those of the service.
pub fn register(core: &Core) {
    let measures = core.memory::<Measures>();
    if measures.registered.set(()).is_err() {
        return;
    }
    core.metrics.register(|registry| {
        registry.register_with_unit(
            "job_last_success_timestamp",
            "When a job last did all that it was to do",
            Unit::Seconds,
            measures.succeeded.clone(),
        );
        registry.register_with_unit(
            "job_last_duration",
            "How long a job last took",
            Unit::Seconds,
            measures.took.clone(),
        );
        registry.register("job_failures", "How often a job failed or was interrupted, ever", measures.failures.clone());
        registry.register("warnings", "What somebody should look at, by its code", measures.warnings.clone());
    });
}

/// Reads them anew. A database that does not answer leaves them as they were.
pub async fn refresh(core: &Core) {
    let rows = async { store::jobs(&mut core.db.read().await?).await };
    let Ok(rows) = rows.await else { return };
    let measures = core.memory::<Measures>();
    #[expect(clippy::cast_precision_loss, reason = "seconds of this era and counts fit exactly")]
    for job in &rows {
        let label = Job { job: job.name.name() };
        if let Some(at) = job.succeeded_at {
            measures.succeeded.get_or_create(&label).set(at.micros() as f64 / 1e6);
        }
        if let Some(ms) = job.took_ms {
            measures.took.get_or_create(&label).set(ms as f64 / 1e3);
        }
        measures.failures.get_or_create(&label).set(job.failures.unsigned_abs());
    }
    let warnings = rules::warnings(&rows, core.clock.now());
    for code in Warning::CODES {
        let found = warnings.iter().filter(|warning| warning.code() == code).count();
        measures.warnings.get_or_create(&Code { code }).set(found as u64);
    }
}
