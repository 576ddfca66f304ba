//! The engine: one writer, natural batching.
//!
//! Whoever waits while the last commit runs goes into the next transaction: no timer, so a lone scan waits for
//! nothing, and a crowd shares each flush to the disk. The answer leaves only after the commit. A batch that the
//! database refuses (two services wrote to one voucher at the same moment, a restart) is tried again, scan by scan.
//!
//! The writer has a thread of its own: among the tasks that read requests and check signatures, each of the
//! database's answers to it waited behind a crowd of them.

use tokio::sync::{mpsc, oneshot};

use super::Scan;
use super::batch::{self, Decided};
use crate::db::{ByKeys, Trouble, trouble};
use crate::web::{Core, Error, Result};

/// Scans in one transaction at most.
const BATCH_MAX: usize = 512;
/// Scans that wait at most; beyond that a phone is told to come back.
const QUEUE_MAX: usize = 8192;
/// Times that a lone scan is tried before its phone is told that the system is busy.
const TRIES: usize = 5;

struct Job {
    scan: Scan,
    reply: oneshot::Sender<Result<Decided>>,
}

/// Hands scans to the writer. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Engine {
    queue: mpsc::Sender<Job>,
}

impl Engine {
    /// Starts the writer; it ends when the last handle is gone.
    pub fn start(core: Core) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE_MAX);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("the system lets the service wait for its database");
        let writer = std::thread::Builder::new().name("redemption".to_owned());
        writer.spawn(move || runtime.block_on(write(&core, jobs))).expect("the system gives the service a thread");
        Self { queue }
    }

    /// Decides one scan, durably.
    pub async fn decide(&self, scan: Scan) -> Result<Decided> {
        let (reply, answer) = oneshot::channel();
        self.queue.try_send(Job { scan, reply }).map_err(|_| Error::Busy)?;
        answer.await.map_err(|_| Error::Busy)?
    }

    /// Decides several scans in their order; each gets its own answer.
    pub async fn decide_all(&self, scans: Vec<Scan>) -> Vec<Result<Decided>> {
        let mut answers = Vec::with_capacity(scans.len());
        for scan in scans {
            let (reply, answer) = oneshot::channel();
            let sent = self.queue.send(Job { scan, reply }).await;
            answers.push(sent.is_ok().then_some(answer));
        }
        let mut decided = Vec::with_capacity(answers.len());
        for answer in answers {
            decided.push(match answer {
                Some(answer) => answer.await.unwrap_or(Err(Error::Busy)),
                None => Err(Error::Busy),
            });
        }
        decided
    }
}

async fn write(core: &Core, mut jobs: mpsc::Receiver<Job>) {
    let db = core.db.by_keys();
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while jobs.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let (scans, replies): (Vec<Scan>, Vec<_>) = batch.drain(..).map(|job| (job.scan, job.reply)).unzip();
        match commit(core, &db, &scans).await {
            Ok(decided) => {
                for (reply, decided) in replies.into_iter().zip(decided) {
                    // A phone that no longer waits will ask for its nonce again.
                    let _ = reply.send(Ok(decided));
                }
            }
            Err(error) => {
                if scans.len() > 1 {
                    tracing::debug!(error = %error, scans = scans.len(), "a batch was refused; scan by scan");
                }
                for (scan, reply) in scans.into_iter().zip(replies) {
                    let _ = reply.send(alone(core, &db, scan).await);
                }
            }
        }
        core.changed();
    }
    db.close().await;
}

async fn commit(core: &Core, db: &ByKeys, scans: &[Scan]) -> std::result::Result<Vec<Decided>, sqlx::Error> {
    let mut tx = db.begin().await?;
    let decided = batch::decide(core, &mut tx, scans).await?;
    tx.commit().await?;
    for answer in decided.iter().filter_map(|decided| decided.as_ref().ok()).filter(|answer| !answer.replayed) {
        core.metrics.redemptions(answer.outcome.name(), 1);
    }
    Ok(decided)
}

/// A scan in a transaction of its own, tried again while somebody else writes to the same rows.
async fn alone(core: &Core, db: &ByKeys, scan: Scan) -> Result<Decided> {
    let scan = [scan];
    let mut last = None;
    for _ in 0..TRIES {
        match commit(core, db, &scan).await {
            Ok(mut decided) => return decided.pop().ok_or(Error::Busy),
            Err(error) if matches!(trouble(&error), Trouble::Unique | Trouble::Contention) => last = Some(error),
            Err(error) => return Err(error.into()),
        }
    }
    match last {
        Some(error) if trouble(&error) == Trouble::Unique => Err(Error::Internal(Box::new(error))),
        _ => Err(Error::Busy),
    }
}
