//! The engine: one writer, natural batching.
//!
//! Whoever waits while the last commit runs goes into the next transaction: no timer, so a lone scan waits for
//! nothing, and a crowd shares each flush to the disk. The answer leaves only after the commit. A batch that the
//! database refuses (two services wrote to one voucher at the same moment, a restart) is tried again, scan by scan.
//!
//! Whoever stands at a desk is asked first: records that are told afterwards wait in a queue of their own and fill what a
//! batch has left. Of one caller only so many wait at once, in either queue, so that nobody fills them: a long upload
//! feeds its records in as they are taken, in their order.
//!
//! The writer has a thread of its own: among the tasks that read requests and check signatures, each of the
//! database's answers to it waited behind a crowd of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Semaphore, mpsc, oneshot};
use uuid::Uuid;

use super::batch::{self, Decided};
use super::scan::{Operator, Scan};
use crate::db::{ErrorKind, PinnedPlans, classify};
use crate::http::{Core, Error, Result};

/// Scans in one transaction at most.
const BATCH_MAX: usize = 512;
/// Records told afterwards in one transaction at most: whoever stands at a desk waits for the one under way. Records of a
/// voucher that was told of very often are slow: 512 of them took two seconds, these a fraction of one.
const RECORDS_MAX: usize = 64;
/// Scans that wait at most; beyond that a phone is told to come back.
const QUEUE_MAX: usize = 8192;
/// Scans of one caller that wait at most: a crowd of desks may share one login.
const CALLER_SCANS_MAX: usize = 1024;
/// Records of one caller that wait at most, of all its uploads: half of what a batch takes, so that two callers share each.
const CALLER_RECORDS_MAX: usize = RECORDS_MAX / 2;
/// Callers that are remembered before those who wait for nothing are forgotten.
const CALLERS_MAX: usize = 1024;
/// Times that a lone scan is tried before its phone is told that the system is busy.
const TRIES: usize = 5;

struct Job {
    scan: Scan,
    reply: oneshot::Sender<Result<Decided>>,
    /// Given back when the writer takes the job.
    place: Place,
}

impl Job {
    /// The writer has it: its place is free, so that the next records come in while this one is decided.
    fn taken(self) -> (Scan, oneshot::Sender<Result<Decided>>) {
        drop(self.place);
        (self.scan, self.reply)
    }
}

/// What one caller may have waiting.
#[derive(Debug)]
struct Places {
    scans: Semaphore,
    records: Semaphore,
}

#[derive(Clone, Copy, Debug)]
enum Queue {
    Scans,
    Records,
}

impl Places {
    const fn of(&self, queue: Queue) -> &Semaphore {
        match queue {
            Queue::Scans => &self.scans,
            Queue::Records => &self.records,
        }
    }
}

/// One place in a queue, given back when it is dropped.
#[derive(Debug)]
struct Place {
    places: Arc<Places>,
    queue: Queue,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.of(self.queue).add_permits(1);
    }
}

/// The places of every caller who waits.
#[derive(Clone, Debug, Default)]
struct Callers(Arc<Mutex<HashMap<Uuid, Weak<Places>>>>);

impl Callers {
    fn places(&self, operator: Operator) -> Arc<Places> {
        let id = match operator {
            Operator::User(id) => id.0,
            Operator::Device { id, .. } => id.0,
        };
        let mut callers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(places) = callers.get(&id).and_then(Weak::upgrade) {
            return places;
        }
        if callers.len() >= CALLERS_MAX {
            callers.retain(|_, places| places.strong_count() > 0);
        }
        let places =
            Arc::new(Places { scans: Semaphore::new(CALLER_SCANS_MAX), records: Semaphore::new(CALLER_RECORDS_MAX) });
        callers.insert(id, Arc::downgrade(&places));
        places
    }

    /// A place for a scan now, or none when this caller has very many waiting.
    fn place_now(&self, operator: Operator) -> Result<Place> {
        let places = self.places(operator);
        places.scans.try_acquire().map_err(|_| Error::Busy)?.forget();
        Ok(Place { places, queue: Queue::Scans })
    }

    /// A place for a record, in the order in which the caller's uploads ask.
    async fn place(&self, operator: Operator) -> Result<Place> {
        let places = self.places(operator);
        places.records.acquire().await.map_err(|_| Error::Busy)?.forget();
        Ok(Place { places, queue: Queue::Records })
    }
}

/// Hands scans to the writer. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Engine {
    callers: Callers,
    scans: mpsc::Sender<Job>,
    records: mpsc::Sender<Job>,
}

impl Engine {
    /// Starts the writer; it ends when the last handle is gone.
    pub fn start(core: Core) -> Self {
        let (scans, asked) = mpsc::channel(QUEUE_MAX);
        let (records, told) = mpsc::channel(QUEUE_MAX);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("the system lets the service wait for its database");
        let writer = std::thread::Builder::new().name("redemption".to_owned());
        let queues = Queues { asked, told };
        writer.spawn(move || runtime.block_on(write(&core, queues))).expect("the system gives the service a thread");
        Self { callers: Callers::default(), scans, records }
    }

    /// Decides one scan, durably.
    pub async fn decide(&self, scan: Scan) -> Result<Decided> {
        let (reply, answer) = oneshot::channel();
        let place = self.callers.place_now(scan.operator)?;
        self.scans.try_send(Job { scan, reply, place }).map_err(|_| Error::Busy)?;
        answer.await.map_err(|_| Error::Busy)?
    }

    /// Decides several scans in their order, behind those who stand at a desk; each gets its own answer.
    pub async fn decide_all(&self, scans: Vec<Scan>) -> Vec<Result<Decided>> {
        let mut answers = Vec::with_capacity(scans.len());
        for scan in scans {
            answers.push(self.hand_in(scan).await);
        }
        let mut decided = Vec::with_capacity(answers.len());
        for answer in answers {
            decided.push(match answer {
                Ok(answer) => answer.await.unwrap_or(Err(Error::Busy)),
                Err(error) => Err(error),
            });
        }
        decided
    }

    /// Waits until one more of the caller's records may wait, and hands it in.
    async fn hand_in(&self, scan: Scan) -> Result<oneshot::Receiver<Result<Decided>>> {
        let (reply, answer) = oneshot::channel();
        let place = self.callers.place(scan.operator).await?;
        self.records.send(Job { scan, reply, place }).await.map_err(|_| Error::Busy)?;
        Ok(answer)
    }
}

/// What waits for the writer.
struct Queues {
    /// Scans: somebody stands at a desk and waits for the answer.
    asked: mpsc::Receiver<Job>,
    /// Records told afterwards.
    told: mpsc::Receiver<Job>,
}

impl Queues {
    /// Waits for a batch: scans first, then records. Empty once there is nobody left to ask.
    async fn next(&mut self, batch: &mut Vec<Job>) {
        tokio::select! {
            biased;
            Some(job) = self.asked.recv() => batch.push(job),
            Some(job) = self.told.recv() => batch.push(job),
            else => return,
        }
        while batch.len() < BATCH_MAX
            && let Ok(job) = self.asked.try_recv()
        {
            batch.push(job);
        }
        let most = BATCH_MAX.min(batch.len() + RECORDS_MAX);
        while batch.len() < most
            && let Ok(job) = self.told.try_recv()
        {
            batch.push(job);
        }
    }
}

async fn write(core: &Core, mut queues: Queues) {
    let db = core.db.pinned_plans();
    let mut batch = Vec::with_capacity(BATCH_MAX);
    loop {
        queues.next(&mut batch).await;
        if batch.is_empty() {
            break;
        }
        let (scans, replies): (Vec<Scan>, Vec<_>) = batch.drain(..).map(Job::taken).unzip();
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

async fn commit(core: &Core, db: &PinnedPlans, scans: &[Scan]) -> std::result::Result<Vec<Decided>, sqlx::Error> {
    let mut tx = db.begin().await?;
    let decided = batch::decide(core, &mut tx, scans).await?;
    tx.commit().await?;
    for answer in decided.iter().filter_map(|decided| decided.as_ref().ok()).filter(|answer| !answer.replayed) {
        core.metrics.redemptions(answer.outcome.name(), 1);
    }
    Ok(decided)
}

/// A scan in a transaction of its own, tried again while somebody else writes to the same rows.
async fn alone(core: &Core, db: &PinnedPlans, scan: Scan) -> Result<Decided> {
    let scan = [scan];
    let mut last = None;
    for _ in 0..TRIES {
        match commit(core, db, &scan).await {
            Ok(mut decided) => return decided.pop().ok_or(Error::Busy),
            Err(error) if matches!(classify(&error), ErrorKind::Unique | ErrorKind::Contention) => last = Some(error),
            Err(error) => return Err(error.into()),
        }
    }
    match last {
        Some(error) if classify(&error) == ErrorKind::Unique => Err(Error::Internal(Box::new(error))),
        _ => Err(Error::Busy),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Moment;
    use crate::kernel::ids::{PointId, UserId};
    use crate::redemption::Presented;
    use crate::redemption::scan::Source;

    fn scan(operator: u128, nonce: u128) -> Scan {
        Scan {
            nonce: Uuid::from_u128(nonce),
            presented: Presented::Forged,
            point_id: PointId(Uuid::nil()),
            desk: String::new(),
            units: 1,
            scanned_at: Moment::from_micros(0),
            collector: None,
            source: Source::Offline,
            operator: Operator::User(UserId(Uuid::from_u128(operator))),
            serves_point: true,
            override_reason: None,
            sequence: None,
            lease_epoch: None,
            body_hash: Vec::new(),
        }
    }

    /// An engine whose writer is the test.
    fn by_hand() -> (Engine, Queues) {
        let (scans, asked) = mpsc::channel(QUEUE_MAX);
        let (records, told) = mpsc::channel(QUEUE_MAX);
        (Engine { callers: Callers::default(), scans, records }, Queues { asked, told })
    }

    /// Hands in, and goes on meanwhile until nothing moves any more.
    async fn settled(handing_in: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(handing_in);
        for _ in 0..BATCH_MAX {
            tokio::task::yield_now().await;
        }
    }

    fn nonces(batch: &[Job]) -> Vec<u128> {
        batch.iter().map(|job| job.scan.nonce.as_u128()).collect()
    }

    #[tokio::test]
    async fn who_stands_at_a_desk_goes_before_records_that_came_earlier_and_records_fill_the_batch() {
        let (engine, mut queues) = by_hand();
        let uploading = engine.clone();
        settled(async move { drop(uploading.decide_all((1..=9).map(|n| scan(1, n)).collect()).await) }).await;
        let asking = engine.clone();
        settled(async move { drop(asking.decide(scan(2, 100)).await) }).await;
        let mut batch = Vec::new();
        queues.next(&mut batch).await;
        assert_eq!(nonces(&batch), [100, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }

    #[tokio::test]
    async fn one_callers_uploads_wait_in_their_order_and_leave_room_for_others() {
        let (engine, mut queues) = by_hand();
        for upload in 0..16 {
            let uploading = engine.clone();
            let records = (0..1000).map(|n| scan(1, upload * 1000 + n)).collect();
            settled(async move { drop(uploading.decide_all(records).await) }).await;
        }
        assert_eq!(queues.told.len(), CALLER_RECORDS_MAX, "of all the caller's uploads");
        let other = engine.clone();
        settled(async move { drop(other.decide_all(vec![scan(2, 99_999)]).await) }).await;
        let (mut batch, mut seen) = (Vec::new(), Vec::new());
        queues.next(&mut batch).await;
        assert!(nonces(&batch).contains(&99_999), "another caller's record is in the very next batch");
        while seen.len() < 16_000 {
            seen.extend(nonces(&batch).into_iter().filter(|nonce| *nonce < 16_000));
            batch.clear();
            assert!(queues.told.len() <= CALLER_RECORDS_MAX);
            if seen.len() < 16_000 {
                queues.next(&mut batch).await;
            }
        }
        for upload in 0..16 {
            let own: Vec<u128> = seen.iter().copied().filter(|nonce| nonce / 1000 == upload).collect();
            assert!(own.is_sorted() && own.len() == 1000, "an upload keeps its order");
        }
    }

    #[tokio::test]
    async fn a_caller_with_very_many_scans_is_told_to_come_back_and_others_are_not() {
        let (engine, mut queues) = by_hand();
        for n in 0..CALLER_SCANS_MAX as u128 {
            let asking = engine.clone();
            tokio::spawn(async move { drop(asking.decide(scan(1, n)).await) });
        }
        settled(async {}).await;
        assert_eq!(queues.asked.len(), CALLER_SCANS_MAX);
        assert!(matches!(engine.decide(scan(1, 5000)).await, Err(Error::Busy)));
        let other = engine.clone();
        settled(async move { drop(other.decide(scan(2, 6000)).await) }).await;
        assert_eq!(queues.asked.len(), CALLER_SCANS_MAX + 1);
        let mut batch = Vec::new();
        queues.next(&mut batch).await;
        assert_eq!(batch.len(), BATCH_MAX);
        drop(batch);
        let again = engine.clone();
        settled(async move { drop(again.decide(scan(1, 5000)).await) }).await;
        assert_eq!(queues.asked.len(), CALLER_SCANS_MAX + 2 - BATCH_MAX, "there is room again");
    }

    #[tokio::test]
    async fn the_writer_takes_what_waits_and_ends_when_nobody_is_left_to_ask() {
        let (engine, mut queues) = by_hand();
        let uploading = engine.clone();
        settled(async move { drop(uploading.hand_in(scan(1, 1)).await) }).await;
        drop(engine);
        let mut batch = Vec::new();
        queues.next(&mut batch).await;
        assert_eq!(nonces(&batch), [1]);
        batch.clear();
        queues.next(&mut batch).await;
        assert!(batch.is_empty());
    }
}
