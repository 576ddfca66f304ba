//! Vouchers that another desk asks back from the phone that holds them.

use std::time::Duration;

use serde::Serialize;
use uuid::Uuid;

use super::limits::RECALL_SECS;
use super::reports::own;
use super::rules::Recall;
use super::{LeaseState, rules, store};
use crate::http::{Core, Result};
use crate::kernel::Moment;
use crate::kernel::ids::LeaseId;
use crate::people::Device;
use crate::redemption::intake::ScanIntake;

/// Seconds that a phone waits for recalls at most.
pub const WAIT_MAX_SECS: u64 = 25;
/// How often a waiting phone's recalls are looked up: another process may have written them.
pub const LOOK_EVERY: Duration = Duration::from_secs(3);
/// How exactly a phone's last contact is kept, in seconds.
const HEARD_EVERY_SECS: i64 = 15;

/// A voucher that is asked back.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct RecallView {
    /// The round's number.
    pub round: i64,
    /// The serial in the round.
    pub serial: i64,
    /// When another desk asked last.
    pub asked_at: Moment,
}

/// What a phone is asked to give back.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Recalls {
    /// Unless `open`, the phone drops the lease or refreshes it.
    pub state: LeaseState,
    /// Until when the phone may use it without being heard.
    pub use_until: Moment,
    /// The server's clock.
    pub server_time: Moment,
    /// At most 200.
    pub recalls: Vec<RecallView>,
}

pub async fn recalls(core: &Core, device: &Device, id: LeaseId) -> Result<Recalls> {
    let now = core.clock.now();
    let mut conn = core.db.read().await?;
    let lease = own(store::one(&mut conn, id).await?, device)?;
    let rows = store::recalled(&mut conn, id, now.plus_secs(-RECALL_SECS)).await?;
    Ok(Recalls {
        state: lease.state(now),
        use_until: lease.use_until,
        server_time: now,
        recalls: rows.into_iter().map(|(round, serial, asked_at)| RecallView { round, serial, asked_at }).collect(),
    })
}

/// Notes that the phone is heard, at most every so often.
pub async fn note_heard(core: &Core, device: &Device, id: LeaseId) -> Result<()> {
    let now = core.clock.now();
    let stale = now.plus_secs(-HEARD_EVERY_SECS);
    let lease = own(store::one(&mut core.db.read().await?, id).await?, device)?;
    if lease.heard_at.is_some_and(|heard_at| heard_at >= stale) {
        return Ok(());
    }
    let mut tx = core.db.begin().await?;
    store::heard(&mut tx, id, now, stale).await?;
    Ok(tx.commit().await?)
}

/// Asks a voucher's holder for it back, for a desk that was told `leased_elsewhere`.
pub(crate) async fn ask_back(core: &Core, redemption: &ScanIntake, voucher_id: Uuid) -> Result<Recall> {
    let now = core.clock.now();
    let mut tx = core.db.begin().await?;
    let heard_at = store::recall(&mut tx, voucher_id, now).await?;
    tx.commit().await?;
    redemption.tell_recalls();
    // Given back meanwhile: a new scan will find it free.
    Ok(heard_at.map_or(Recall::Asked, |heard_at| rules::recall(heard_at, now)))
}
