//! A job is asked for now.

use std::sync::Arc;

use serde_json::json;
use tokio::sync::Notify;

use super::job::JobName;
use super::view::JobView;
use super::warning::Warning;
use super::{rules, store};
use crate::db::Tx;
use crate::http::{Core, Error, Result};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::ManagePeople;

/// Wakes the runner of this process.
#[derive(Debug, Default)]
pub struct Wake(pub Notify);

/// What about the jobs and this installation somebody should look at.
pub async fn warnings(core: &Core) -> Result<Vec<Warning>> {
    let rows = store::jobs(&mut core.db.read().await?).await?;
    Ok(rules::warnings(&rows, core.clock.now()))
}

/// Makes a job due now. Asked for again before it began, it still runs once.
pub(super) async fn run_now(tx: &mut Tx, core: &Core, permit: &Permit<ManagePeople>, name: JobName) -> Result<JobView> {
    let now = core.clock.now();
    let mut rows = store::lock(tx).await?;
    let at = rows.iter().position(|job| job.name == name).ok_or(Error::NotFound)?;
    let mut job = rows.swap_remove(at);
    if job.is_running(now) {
        return Err(Error::conflict(
            "already_running",
            "Việc này đang chạy rồi. Đợi nó xong rồi xem kết quả.",
            "This job is running already. Wait for it to end, then see how it went.",
        ));
    }
    if job.due_at.is_none_or(|due| due > now) {
        job.due_at = Some(now);
        store::plan(tx, name, job.due_at).await?;
        audit::append(tx, &core.clock, permit.actor(), Act::many("run", "job", json!({ "job": name }))).await?;
    }
    let wake: Arc<Wake> = core.memory();
    tx.after_commit(move || wake.0.notify_one());
    Ok(JobView::of(job, now))
}
