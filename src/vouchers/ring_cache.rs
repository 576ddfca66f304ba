//! The public keys, kept in memory: an upload has hundreds of codes, and whoever invents them must not make the database
//! work for each.
//!
//! A key's public half never changes, so a right signature stays right; whether a key was withdrawn is decided with the
//! register's rows. What this process changes is seen at once. Another process's new key is found when a code names it,
//! and another's withdrawal after five seconds.

use std::sync::{Arc, PoisonError, RwLock};

use super::keyring;
use super::keys::KeyRing;
use crate::http::{Core, Result};
use crate::kernel::Moment;

/// How old the keys may be, in seconds.
const FRESH_SECS: i64 = 5;
/// A key that is not there is looked for again after so many seconds: a new key's first voucher takes longer to arrive.
const LOOK_AGAIN_SECS: i64 = 1;

#[derive(Debug, Default)]
struct RingCache {
    held: RwLock<Option<Held>>,
    /// One reads the keys; the others wait for it.
    reading: tokio::sync::Mutex<()>,
}

#[derive(Clone, Debug)]
struct Held {
    ring: Arc<KeyRing>,
    read_at: Moment,
}

impl RingCache {
    fn held(&self, now: Moment, most_secs: i64) -> Option<Arc<KeyRing>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        (0..most_secs).contains(&now.secs_since(held.read_at)).then_some(held.ring)
    }

    async fn get(&self, core: &Core, most_secs: i64) -> Result<Arc<KeyRing>> {
        if let Some(ring) = self.held(core.clock.now(), most_secs) {
            return Ok(ring);
        }
        let _alone = self.reading.lock().await;
        let now = core.clock.now();
        if let Some(ring) = self.held(now, most_secs) {
            return Ok(ring);
        }
        let ring = Arc::new(keyring::ring(&mut core.db.read().await?, core).await?);
        let held = Held { ring: Arc::clone(&ring), read_at: now };
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
        Ok(ring)
    }
}

/// The keys, at most five seconds old.
pub async fn ring(core: &Core) -> Result<Arc<KeyRing>> {
    core.memory::<RingCache>().get(core, FRESH_SECS).await
}

/// The keys after a code named one that is not among them: read again, unless that was just done.
pub async fn ring_again(core: &Core) -> Result<Arc<KeyRing>> {
    core.memory::<RingCache>().get(core, LOOK_AGAIN_SECS).await
}

/// Forgets the keys: one was made or withdrawn.
pub fn forget(core: &Core) {
    *core.memory::<RingCache>().held.write().unwrap_or_else(PoisonError::into_inner) = None;
}
