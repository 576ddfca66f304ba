//! The memory that all imports going on at one time share: who finds it taken waits, and hears that the service is busy
//! when that takes too long.
//!
//! Uploads arrive for as long as the sender's network needs, reading takes a moment: a slow sender must not hold up who
//! has sent all of a list, so files that arrive and lists that are read are counted apart.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::{Error, Result};

/// Bytes of files that have arrived, or are about to, and are not read yet.
const FILES_MAX: usize = 256 << 20;
/// Bytes that are counted as one.
const UNIT: usize = 1 << 10;
/// Lists that are read, compared and shown at one time. Each takes what its rows take here, and what its reader may have
/// (`imports::sandbox::MEMORY_MAX`) there. Two, so that one that reads for half a minute does not hold up all others.
const LISTS_MAX: usize = 2;
/// How long an import waits for room before it is told that the service is busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// What imports share.
#[derive(Debug)]
pub struct ImportMemory {
    files: Arc<Semaphore>,
    lists: Arc<Semaphore>,
    patience: Duration,
}

/// Room for a file; free again when this is dropped.
#[derive(Debug)]
pub struct Arriving(OwnedSemaphorePermit);

/// The turn to read a list; the next one's when this is dropped.
#[derive(Debug)]
pub struct ImportTurn(#[expect(dead_code, reason = "held, not looked at")] OwnedSemaphorePermit);

impl Default for ImportMemory {
    fn default() -> Self {
        Self::of(FILES_MAX, PATIENCE)
    }
}

impl ImportMemory {
    fn of(files: usize, patience: Duration) -> Self {
        Self { files: Arc::new(Semaphore::new(files / UNIT)), lists: Arc::new(Semaphore::new(LISTS_MAX)), patience }
    }

    /// Room for a file of so many bytes, all of it at once: two that wait for the rest of theirs would wait for ever.
    pub async fn arriving(&self, bytes: usize) -> Result<Arriving> {
        self.take(&self.files, bytes.div_ceil(UNIT)).await.map(Arriving)
    }

    /// The turn to read a list, to be held until its answer is made.
    pub async fn turn(&self) -> Result<ImportTurn> {
        self.take(&self.lists, 1).await.map(ImportTurn)
    }

    async fn take(&self, from: &Arc<Semaphore>, count: usize) -> Result<OwnedSemaphorePermit> {
        let count = u32::try_from(count).map_err(|_| Error::Busy)?;
        let permit = Arc::clone(from).acquire_many_owned(count);
        // Nobody closes the semaphores.
        tokio::time::timeout(self.patience, permit).await.ok().and_then(std::result::Result::ok).ok_or(Error::Busy)
    }
}

impl Arriving {
    /// Gives back what is more than so many bytes.
    pub fn shrink(&mut self, bytes: usize) {
        let more = self.0.num_permits().saturating_sub(bytes.div_ceil(UNIT));
        drop(self.0.split(more));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_finds_no_room_waits_and_is_told_so_after_a_while() {
        let memory = ImportMemory::of(10 * UNIT, Duration::from_millis(20));
        let mut first = memory.arriving(8 * UNIT).await.unwrap();
        assert!(matches!(memory.arriving(3 * UNIT).await, Err(Error::Busy)));
        first.shrink(4 * UNIT);
        let second = memory.arriving(3 * UNIT).await.unwrap();
        drop((first, second));
        assert!(memory.arriving(10 * UNIT).await.is_ok());
        // More than there is at all.
        assert!(matches!(memory.arriving(11 * UNIT).await, Err(Error::Busy)));
    }

    #[tokio::test]
    async fn lists_are_read_in_turn() {
        let memory = ImportMemory::of(UNIT, Duration::from_secs(5));
        let turns = [memory.turn().await.unwrap(), memory.turn().await.unwrap()];
        let third = memory.turn();
        tokio::pin!(third);
        assert!(tokio::time::timeout(Duration::from_millis(20), &mut third).await.is_err());
        drop(turns);
        assert!(third.await.is_ok());
    }
}
