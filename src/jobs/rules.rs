//! When a job is due, which comes next, and what about them all is worth a warning. Pure.

use uuid::Uuid;

use super::job::{JobName, JobResult};
use super::store::JobRow;
use super::warning::Warning;
use crate::kernel::Moment;
use crate::vault::sha256;

/// Between the end of a job of the whole day and its next begin, in seconds.
const OFTEN_SECS: i64 = 600;
/// The same of the one that watches.
const HOURLY_SECS: i64 = 3_600;
/// When a job of the night that failed is tried again, in seconds.
const AGAIN_SECS: i64 = 3_600;
/// The night's first moment for jobs, in seconds after midnight in Asia/Ho_Chi_Minh; nobody hands out then.
const NIGHT_BEGINS_SECS: i64 = 1_800;
/// How long jobs of the night are spread over, in seconds: wards of one machine don't all begin at once.
const NIGHT_SECS: i64 = 4 * 3_600;
/// How long a job may be overdue before that is told, in seconds: a service that was just started has all to do.
const LATE_SECS: i64 = 2 * 3_600;
/// Days without a back-up before that is told.
const BACKUP_DAYS: i64 = 7;
/// Free MiB of the data folder's disk below which that is told.
const LOW_DISK_MIB: i64 = 1_024;

/// Whether a job waits for the night.
const fn is_nightly(name: JobName) -> bool {
    matches!(name, JobName::Retain | JobName::Examine)
}

/// When a job is due that was never planned: what is for the night waits for it, so that a ward reads the periods first.
pub fn first_due(name: JobName, instance: Uuid, now: Moment) -> Moment {
    if is_nightly(name) { next_night(name, instance, now) } else { now }
}

/// When a job is due again that ended now.
pub fn next_due(name: JobName, result: JobResult, instance: Uuid, now: Moment) -> Moment {
    match name {
        JobName::Prune => now.plus_secs(OFTEN_SECS),
        JobName::Watch => now.plus_secs(HOURLY_SECS),
        JobName::Retain | JobName::Examine => {
            let night = next_night(name, instance, now);
            if result.is_success() { night } else { night.min(now.plus_secs(AGAIN_SECS)) }
        }
    }
}

/// The next moment of the night that is this job's on this deployment.
fn next_night(name: JobName, instance: Uuid, now: Moment) -> Moment {
    let digest = sha256(&[instance.as_bytes().as_slice(), name.name().as_bytes()].concat());
    let drawn = digest.first_chunk::<4>().map_or(0, |bytes| i64::from(u32::from_be_bytes(*bytes)));
    let of_day = NIGHT_BEGINS_SECS + drawn % NIGHT_SECS;
    let tonight = now.day().start().plus_secs(of_day);
    if tonight > now { tonight } else { now.day().end().plus_secs(of_day) }
}

/// The job that comes next: the one that is due longest, while no other is at work.
pub fn next_job(jobs: &[JobRow], now: Moment) -> Option<JobName> {
    if jobs.iter().any(|job| job.is_running(now)) {
        return None;
    }
    let due = jobs.iter().filter_map(|job| job.due_at.filter(|due| *due <= now).map(|due| (due, job.name)));
    due.min_by_key(|(due, _)| *due).map(|(_, name)| name)
}

/// What somebody should look at. Only what is stored decides, so that a page tells of it although nothing runs.
pub fn warnings(jobs: &[JobRow], now: Moment) -> Vec<Warning> {
    let mut found = Vec::new();
    for job in jobs {
        match job.result {
            Some(JobResult::Failed | JobResult::Interrupted) => found.push(Warning::Failed(job.name)),
            Some(JobResult::Done | JobResult::Found) | None => {}
        }
        if job.due_at.is_some_and(|due| now.secs_since(due) > LATE_SECS) && !job.is_running(now) {
            found.push(Warning::Late(job.name));
        }
        let count = |name: &str| job.detail.0.get(name).copied();
        match job.name {
            JobName::Examine => {
                found.extend(count("trouble").filter(|n| *n > 0).map(Warning::Trouble));
                found.extend(count("warnings").filter(|n| *n > 0).map(Warning::Noticed));
            }
            JobName::Watch => {
                found.extend(count("disk_free_mib").filter(|mib| *mib < LOW_DISK_MIB).map(Warning::LowDisk));
                found.extend(count("backup_days").filter(|days| *days >= BACKUP_DAYS).map(Warning::NoBackup));
            }
            JobName::Prune | JobName::Retain => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::JsonText;
    use crate::jobs::job::Counts;

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    fn job(name: JobName, due_at: Option<Moment>) -> JobRow {
        JobRow {
            name,
            due_at,
            holder: None,
            lease_until: None,
            begun_at: None,
            ended_at: None,
            succeeded_at: None,
            took_ms: None,
            result: None,
            detail: JsonText(Counts::new()),
            failures: 0,
        }
    }

    #[test]
    fn what_is_for_the_night_comes_in_the_night_and_not_all_at_once() {
        let now = at("2021-08-05T07:00:00+07:00");
        let mut minutes = std::collections::BTreeSet::new();
        for n in 0..200_u128 {
            let due = first_due(JobName::Examine, Uuid::from_u128(n), now);
            assert!(due >= at("2021-08-06T00:30:00+07:00") && due < at("2021-08-06T04:30:00+07:00"), "{due}");
            assert_eq!(next_due(JobName::Examine, JobResult::Done, Uuid::from_u128(n), due).secs_since(due), 86_400);
            minutes.insert(due.micros() / 60_000_000);
        }
        assert!(minutes.len() > 50, "spread over {} minutes", minutes.len());
    }

    #[test]
    fn what_failed_in_the_night_is_tried_again_in_an_hour() {
        let now = at("2021-08-06T05:00:00+07:00");
        assert_eq!(next_due(JobName::Retain, JobResult::Failed, Uuid::nil(), now), now.plus_secs(3_600));
        assert_eq!(next_due(JobName::Prune, JobResult::Failed, Uuid::nil(), now), now.plus_secs(600));
    }

    #[test]
    fn the_one_that_is_due_longest_comes_next_and_none_while_another_works() {
        let now = at("2021-08-05T07:00:00+07:00");
        let mut jobs = vec![
            job(JobName::Prune, Some(now.plus_secs(-1))),
            job(JobName::Watch, Some(now.plus_secs(-9))),
            job(JobName::Retain, Some(now.plus_secs(9))),
            job(JobName::Examine, None),
        ];
        assert_eq!(next_job(&jobs, now), Some(JobName::Watch));
        jobs[2].holder = Some(Uuid::nil());
        jobs[2].lease_until = Some(now.plus_secs(1));
        assert_eq!(next_job(&jobs, now), None);
        assert_eq!(next_job(&jobs, now.plus_secs(1)), Some(JobName::Watch), "its holder is gone");
    }

    #[test]
    fn what_somebody_should_look_at_is_told() {
        let now = at("2021-08-05T07:00:00+07:00");
        let counts = |pairs: &[(&str, i64)]| JsonText(pairs.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect());
        let well = [job(JobName::Prune, Some(now)), job(JobName::Watch, Some(now)), job(JobName::Examine, Some(now))];
        assert_eq!(warnings(&well, now), []);
        let mut ill = well;
        ill[0].result = Some(JobResult::Failed);
        ill[0].due_at = Some(now.plus_secs(-LATE_SECS - 1));
        ill[1].detail = counts(&[("disk_free_mib", 900), ("backup_days", 7)]);
        ill[2].detail = counts(&[("trouble", 2), ("warnings", 0)]);
        let told = [
            Warning::Failed(JobName::Prune),
            Warning::Late(JobName::Prune),
            Warning::LowDisk(900),
            Warning::NoBackup(7),
            Warning::Trouble(2),
        ];
        assert_eq!(warnings(&ill, now), told);
    }
}
