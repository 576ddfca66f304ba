//! The lease of a job: who has it may write, and whoever lost it writes nothing more.

use uuid::Uuid;

use super::job::{Counts, JobName, JobResult};
use super::{rules, store};
use crate::db::Tx;
use crate::http::{Core, Error, Result};

/// How long a process is believed to be there that says nothing, in seconds.
pub const LEASE_SECS: i64 = 60;

/// A job in hand.
#[derive(Clone, Debug)]
pub struct Lease {
    core: Core,
    name: JobName,
    holder: Uuid,
}

impl Lease {
    /// Takes the job that comes next, if any is due and none is at work. `holder` is this process.
    pub async fn take(core: &Core, holder: Uuid) -> Result<Option<Self>> {
        let now = core.clock.now();
        let rows = store::jobs(&mut core.db.read().await?).await?;
        let unplanned = rows.iter().any(|job| job.due_at.is_none() || job.is_deserted(now));
        if !unplanned && rules::next_job(&rows, now).is_none() {
            return Ok(None);
        }
        let taken = core.run(async |tx| take(tx, core, holder).await).await?;
        Ok(taken.map(|name| Self { core: core.clone(), name, holder }))
    }

    /// Which.
    pub const fn name(&self) -> JobName {
        self.name
    }

    /// Carries out one small transaction of the job. It renews the lease in the same transaction, so that what another
    /// process took over is left alone.
    pub async fn run<T>(&self, act: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        self.core
            .run(async |tx| {
                self.renew_in(tx).await?;
                act(tx).await
            })
            .await
    }

    /// Says that this process is still there.
    pub async fn renew(&self) -> Result<()> {
        self.run(async |_| Ok(())).await
    }

    async fn renew_in(&self, tx: &mut Tx) -> Result<()> {
        let now = self.core.clock.now();
        if store::renew(tx, self.name, self.holder, now, now.plus_secs(LEASE_SECS)).await? {
            return Ok(());
        }
        Err(Error::conflict("lease_lost", "Việc này đã do máy khác làm tiếp.", "Another process took this job over."))
    }

    /// Ends the job; false when another process took it over meanwhile.
    pub async fn end(&self, result: JobResult, took_ms: i64, counts: Counts) -> Result<bool> {
        let at = self.core.clock.now();
        let due_at = rules::next_due(self.name, result, self.core.instance_id, at);
        let ended = store::Ended { at, result, took_ms, counts, due_at };
        self.core.run(async |tx| Ok(store::end(tx, self.name, self.holder, ended).await?)).await
    }

    /// Gives the job back unfinished, for who follows: the service stops.
    pub async fn give_back(&self) -> Result<()> {
        self.core.run(async |tx| Ok(store::give_back(tx, self.name, self.holder).await?)).await.map(|_| ())
    }
}

/// Plans what was never planned, notes who is gone, and takes what comes next.
async fn take(tx: &mut Tx, core: &Core, holder: Uuid) -> Result<Option<JobName>> {
    let now = core.clock.now();
    let mut rows = store::lock(tx).await?;
    for job in &mut rows {
        if job.is_deserted(now) {
            tracing::warn!(job = %job.name, "the process that carried out a job is gone; another follows");
            store::desert(tx, job.name, now).await?;
            (job.holder, job.lease_until) = (None, None);
            // What ended its process twice would end whoever follows at once.
            if job.result == Some(JobResult::Interrupted) {
                job.due_at = Some(rules::next_due(job.name, JobResult::Interrupted, core.instance_id, now));
                store::plan(tx, job.name, job.due_at).await?;
            }
        }
        if job.due_at.is_none() {
            job.due_at = Some(rules::first_due(job.name, core.instance_id, now));
            store::plan(tx, job.name, job.due_at).await?;
        }
    }
    let Some(name) = rules::next_job(&rows, now) else { return Ok(None) };
    let taken = store::take(tx, name, holder, now, now.plus_secs(LEASE_SECS)).await?;
    Ok(taken.then_some(name))
}
