//! Vouchers that another desk asks back from the phone that holds them.

use uuid::Uuid;

use crate::db::{Conn, Tx};
use crate::http::Result;
use crate::kernel::ids::LeaseId;
use crate::kernel::{Clock, Moment};
use crate::people::Device;
use crate::redemption::intake::ScanIntake;
use crate::redemption::leases::limits::RECALL_SECS;
use crate::redemption::leases::lookup::own;
use crate::redemption::leases::rules::{self, Recall};
use crate::redemption::leases::store;
use crate::redemption::leases::view::{RecallView, Recalls};

/// How exactly a phone's last contact is kept, in seconds.
const HEARD_EVERY_SECS: i64 = 15;

/// What a phone is asked to give back.
pub(in crate::redemption) async fn recalls(
    conn: &mut Conn,
    clock: &Clock,
    device: &Device,
    id: LeaseId,
) -> Result<Recalls> {
    let now = clock.now();
    let lease = own(conn, device, id).await?;
    let rows = store::recalled(conn, id, now.plus_secs(-RECALL_SECS)).await?;
    Ok(Recalls {
        state: lease.state(now),
        use_until: lease.use_until,
        server_time: now,
        recalls: rows.into_iter().map(|(round, serial, asked_at)| RecallView { round, serial, asked_at }).collect(),
    })
}

/// Whether the phone's last contact was noted long enough ago to note it again.
pub(in crate::redemption) async fn is_to_be_noted(
    conn: &mut Conn,
    clock: &Clock,
    device: &Device,
    id: LeaseId,
) -> Result<bool> {
    let lease = own(conn, device, id).await?;
    Ok(lease.heard_at.is_none_or(|heard_at| heard_at < stale(clock)))
}

/// Notes that the phone is heard.
pub(in crate::redemption) async fn note_heard(tx: &mut Tx, clock: &Clock, id: LeaseId) -> Result<()> {
    store::heard(tx, id, clock.now(), stale(clock)).await?;
    Ok(())
}

fn stale(clock: &Clock) -> Moment {
    clock.now().plus_secs(-HEARD_EVERY_SECS)
}

/// Asks a voucher's holder for it back, for a desk that was told `leased_elsewhere`.
pub(in crate::redemption) async fn ask_back(
    tx: &mut Tx,
    clock: &Clock,
    redemption: &ScanIntake,
    voucher_id: Uuid,
) -> Result<Recall> {
    let now = clock.now();
    let heard_at = store::recall(tx, voucher_id, now).await?;
    let redemption = redemption.clone();
    tx.after_commit(move || redemption.tell_recalls());
    // Given back meanwhile: a new scan will find it free.
    Ok(heard_at.map_or(Recall::Asked, |heard_at| rules::recall(heard_at, now)))
}
