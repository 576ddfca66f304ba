//! The published figures, kept in memory: 500 visitors at one moment cost one computation.
//!
//! What was computed counts while the audit log has its end, and no longer than half a minute: every correction, void,
//! erasure and the switch itself is logged, in whichever process; handovers are not, and show within that time.

use std::sync::Arc;

use super::public::{PublicFigures, figures, is_published};
use crate::http::{Core, Result};
use crate::kernel::Moment;
use crate::people::audit_head::last_seq;

/// How long figures count that nothing logged has changed, in seconds.
pub(crate) const KEPT_SECS: i64 = 30;
/// How long a browser or a proxy may keep them, in seconds: both together stay within a minute.
pub(crate) const MAX_AGE_SECS: i64 = 15;

/// The figures, and when they were computed.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) figures: PublicFigures,
    pub(crate) as_of: Moment,
}

#[derive(Debug, Default)]
struct PublicCache {
    /// Held while somebody computes; the others wait for it.
    kept: tokio::sync::Mutex<Option<Kept>>,
}

#[derive(Debug)]
struct Kept {
    published: Option<Arc<Published>>,
    seq: i64,
    at: Moment,
}

/// The figures, once a coordinator has published them.
pub(crate) async fn published(core: &Core) -> Result<Option<Arc<Published>>> {
    let cache = core.memory::<PublicCache>();
    let mut kept = cache.kept.lock().await;
    let seq = last_seq(&mut core.db.read().await?).await?;
    let now = core.clock.now();
    if let Some(kept) = &*kept
        && kept.seq == seq
        && (0..KEPT_SECS).contains(&now.secs_since(kept.at))
    {
        return Ok(kept.published.clone());
    }
    let mut conn = core.db.snapshot().await?;
    let published = match is_published(&mut conn).await? {
        true => Some(Arc::new(Published { figures: figures(&mut conn).await?, as_of: now })),
        false => None,
    };
    *kept = Some(Kept { published: published.clone(), seq, at: now });
    Ok(published)
}
