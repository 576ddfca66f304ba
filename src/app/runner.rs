//! Carries out the jobs of [`crate::jobs`], one at a time over all services of a database, until this one stops.

use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::doctor::{self, State};
use crate::http::{Core, Result};
use crate::jobs::lease::LEASE_SECS;
use crate::jobs::service::Wake;
use crate::jobs::{Counts, JobName, JobResult, Lease, rules, store};
use crate::people::store::audit;
use crate::privacy::scrub;
use crate::retention;

/// How often it looks whether something is due.
const LOOK: Duration = Duration::from_secs(15);
/// How often a job that goes on says so: well before its lease ends.
const RENEW: Duration = Duration::from_secs(LEASE_SECS.unsigned_abs() / 3);

/// Does so until the service stops.
pub(super) async fn run(core: Core) {
    let holder = core.clock.uuid();
    let wake = core.memory::<Wake>();
    loop {
        // A job that goes on gives its lease back by itself when the service stops.
        match run_next(&core, holder).await {
            Ok(Some(_)) => continue,
            Ok(None) => {}
            Err(error) => tracing::warn!(?error, "no job could be taken"),
        }
        tokio::select! {
            () = core.stopped() => return,
            () = wake.0.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Carries out what comes next; nothing when nothing is due, or another process is at work. `holder` is this process.
pub async fn run_next(core: &Core, holder: Uuid) -> Result<Option<(JobName, JobResult)>> {
    let Some(lease) = Lease::take(core, holder).await? else { return Ok(None) };
    let begun = Instant::now();
    let (result, counts) = tokio::select! {
        done = carry_out(core, &lease) => match done {
            Ok(done) => done,
            Err(error) => {
                tracing::error!(job = %lease.name(), ?error, "a job failed");
                (JobResult::Failed, Counts::new())
            }
        },
        () = lost(&lease) => {
            tracing::warn!(job = %lease.name(), "another process took this job over");
            return Ok(Some((lease.name(), JobResult::Interrupted)));
        }
        () = core.stopped() => {
            lease.give_back().await?;
            return Ok(None);
        }
    };
    let took_ms = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
    tracing::info!(job = %lease.name(), %result, took_ms, ?counts, "a job ended");
    lease.end(result, took_ms, counts).await?;
    Ok(Some((lease.name(), result)))
}

/// Renews the lease for as long as that is possible.
async fn lost(lease: &Lease) {
    loop {
        tokio::time::sleep(RENEW).await;
        match lease.renew().await {
            Ok(()) => {}
            Err(error) if error.code() == "lease_lost" => return,
            Err(error) => tracing::warn!(?error, "a lease was not renewed"),
        }
    }
}

async fn carry_out(core: &Core, lease: &Lease) -> Result<(JobResult, Counts)> {
    match lease.name() {
        JobName::Prune => {
            let mut counts = retention::service::carry_out(core, lease).await?;
            if scrub::what_is_left(core).await? {
                counts.insert("scrubbed".to_owned(), 1);
            }
            Ok((JobResult::Done, counts))
        }
        JobName::Retain => Ok((JobResult::Done, retention::service::carry_out(core, lease).await?)),
        JobName::Examine => Ok(examine(core).await),
        JobName::Watch => watch(core).await,
    }
}

/// Has the doctor look. What it says names rows and folders: it goes to the log, and its count to the page.
async fn examine(core: &Core) -> (JobResult, Counts) {
    let checks = doctor::examine(&core.db, Some(&core.vault), &core.config.data_dir, &core.clock).await;
    let of = |state| checks.iter().filter(move |check| check.state == state);
    for check in of(State::Trouble) {
        tracing::error!(check = check.name, "the doctor found trouble: {}", check.say.en);
    }
    for check in of(State::Warning) {
        tracing::warn!(check = check.name, "the doctor warns: {}", check.say.en);
    }
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let (trouble, warnings) = (count(of(State::Trouble).count()), count(of(State::Warning).count()));
    let result = if trouble + warnings > 0 { JobResult::Found } else { JobResult::Done };
    (result, counts(&[("checks", count(checks.len())), ("trouble", trouble), ("warnings", warnings)]))
}

/// Looks at the disk, the last back-up and the other jobs, and tells the log what somebody should look at.
async fn watch(core: &Core) -> Result<(JobResult, Counts)> {
    let now = core.clock.now();
    let mut conn = core.db.read().await?;
    let backup = audit::last_of(&mut conn, "backup").await?;
    // Where none was ever made, the first entry of the log says since when there is something to lose.
    let since = match backup {
        Some(at) => Some(at),
        None => audit::first_at(&mut conn).await?,
    };
    let mut found = Counts::new();
    if let Some(since) = since {
        found.insert("backup_days".to_owned(), now.secs_since(since) / 86_400);
    }
    if let Some(free) = doctor::free_bytes(&core.config.data_dir) {
        found.insert("disk_free_mib".to_owned(), i64::try_from(free / (1024 * 1024)).unwrap_or(i64::MAX));
    }
    let mut jobs = store::jobs(&mut conn).await?;
    // Its own row still tells of the time before.
    if let Some(own) = jobs.iter_mut().find(|job| job.name == JobName::Watch) {
        own.detail.0.clone_from(&found);
        own.result = None;
    }
    let warnings = rules::warnings(&jobs, now);
    for warning in &warnings {
        tracing::warn!(code = warning.code(), "{}", warning.say().en);
    }
    found.insert("warnings".to_owned(), i64::try_from(warnings.len()).unwrap_or(i64::MAX));
    let result = if warnings.is_empty() { JobResult::Done } else { JobResult::Found };
    Ok((result, found))
}

fn counts(pairs: &[(&str, i64)]) -> Counts {
    pairs.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect()
}
