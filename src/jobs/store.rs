//! The SQL of jobs and their leases.

use uuid::Uuid;

use super::job::{Counts, JobName, JobResult};
use crate::db::{Conn, JsonText, Tx};
use crate::kernel::Moment;

/// A job as it is stored.
#[derive(Debug, sqlx::FromRow)]
pub struct JobRow {
    pub name: JobName,
    /// Nothing: not planned yet.
    pub due_at: Option<Moment>,
    /// The process that carries it out.
    pub holder: Option<Uuid>,
    /// Until when that one is believed to be there.
    pub lease_until: Option<Moment>,
    pub begun_at: Option<Moment>,
    pub ended_at: Option<Moment>,
    /// When it last did all.
    pub succeeded_at: Option<Moment>,
    /// How long the last one took.
    pub took_ms: Option<i64>,
    pub result: Option<JobResult>,
    pub detail: JsonText<Counts>,
    /// How often it failed or was interrupted, ever.
    pub failures: i64,
}

impl JobRow {
    /// Whether a process carries it out.
    pub fn is_running(&self, now: Moment) -> bool {
        self.lease_until.is_some_and(|until| until > now)
    }

    /// Whether its process was gone before its end.
    pub fn is_deserted(&self, now: Moment) -> bool {
        self.lease_until.is_some_and(|until| until <= now)
    }
}

/// All jobs.
pub async fn jobs(conn: &mut Conn) -> Result<Vec<JobRow>, sqlx::Error> {
    conn.sql(
        "select name, due_at, holder, lease_until, begun_at, ended_at, succeeded_at, took_ms, result, detail, failures
         from jobs order by name",
    )
    .all()
    .await
}

/// All jobs, locked: whoever takes one must know that no other is at work.
pub async fn lock(tx: &mut Tx) -> Result<Vec<JobRow>, sqlx::Error> {
    tx.sql(
        "select name, due_at, holder, lease_until, begun_at, ended_at, succeeded_at, took_ms, result, detail, failures
         from jobs order by name {for update}",
    )
    .all()
    .await
}

/// Plans a job.
pub async fn plan(tx: &mut Tx, name: JobName, due_at: Option<Moment>) -> Result<u64, sqlx::Error> {
    tx.sql("update jobs set due_at = $2 where name = $1").bind(name).bind(due_at).execute().await
}

/// Takes a job that nobody carries out now.
pub async fn take(tx: &mut Tx, name: JobName, holder: Uuid, now: Moment, until: Moment) -> Result<bool, sqlx::Error> {
    let taken = tx
        .sql(
            "update jobs set holder = $2, lease_until = $4, begun_at = $3
             where name = $1 and (lease_until is null or lease_until <= $3)",
        )
        .bind(name)
        .bind(holder)
        .bind(now)
        .bind(until)
        .execute()
        .await?;
    Ok(taken == 1)
}

/// Notes that a job's process is gone.
pub async fn desert(tx: &mut Tx, name: JobName, now: Moment) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update jobs set holder = null, lease_until = null, ended_at = $2, result = 'interrupted', failures = failures + 1
         where name = $1 and lease_until <= $2",
    )
    .bind(name)
    .bind(now)
    .execute()
    .await
}

/// Renews a lease that is still held; false when it is another's, or over.
pub async fn renew(tx: &mut Tx, name: JobName, holder: Uuid, now: Moment, until: Moment) -> Result<bool, sqlx::Error> {
    let renewed = tx
        .sql("update jobs set lease_until = $4 where name = $1 and holder = $2 and lease_until > $3")
        .bind(name)
        .bind(holder)
        .bind(now)
        .bind(until)
        .execute()
        .await?;
    Ok(renewed == 1)
}

/// Gives a lease back before the end of its job, which stays due.
pub async fn give_back(tx: &mut Tx, name: JobName, holder: Uuid) -> Result<u64, sqlx::Error> {
    tx.sql("update jobs set holder = null, lease_until = null where name = $1 and holder = $2")
        .bind(name)
        .bind(holder)
        .execute()
        .await
}

/// How a job ended.
#[derive(Debug)]
pub struct Ended {
    pub at: Moment,
    pub result: JobResult,
    pub took_ms: i64,
    pub counts: Counts,
    /// When it is due again.
    pub due_at: Moment,
}

/// Ends a job that is still held.
pub async fn end(tx: &mut Tx, name: JobName, holder: Uuid, ended: Ended) -> Result<bool, sqlx::Error> {
    let success = ended.result.is_success();
    let changed = tx
        .sql(
            "update jobs set holder = null, lease_until = null, ended_at = $3, result = $4, took_ms = $5, detail = $6, due_at = $7,
                 succeeded_at = case when $8 then $3 else succeeded_at end,
                 failures = failures + case when $8 then 0 else 1 end
             where name = $1 and holder = $2",
        )
        .bind(name)
        .bind(holder)
        .bind(ended.at)
        .bind(ended.result)
        .bind(ended.took_ms)
        .bind(JsonText(ended.counts))
        .bind(ended.due_at)
        .bind(success)
        .execute()
        .await?;
    Ok(changed == 1)
}
