//! Vouchers that another desk asks back from the phone that holds them.

use std::time::Duration;

use axum::extract::State;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::reports::{own, phone};
use super::rules::Recall;
use super::{LeaseState, RECALL_SECS, rules, store};
use crate::http::{Core, Id, Params, Problems, Result};
use crate::kernel::Moment;
use crate::kernel::ids::LeaseId;
use crate::people::{Caller, Device};
use crate::redemption::intake::ScanIntake;

/// Seconds that a phone waits for recalls at most.
const WAIT_MAX_SECS: u64 = 25;
/// How often a waiting phone's recalls are looked up: another process may have written them.
const LOOK_EVERY: Duration = Duration::from_secs(3);
/// How exactly a phone's last contact is kept, in seconds.
const HEARD_EVERY_SECS: i64 = 15;

/// For how long to wait.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wait {
    /// Seconds, at most 25; 0 when left out.
    wait: Option<u64>,
}

/// A voucher that is asked back.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct RecallView {
    /// The round's number.
    round: i64,
    /// The serial in the round.
    serial: i64,
    /// When another desk asked last.
    asked_at: Moment,
}

/// What a phone is asked to give back.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Recalls {
    /// Unless `open`, the phone drops the lease or refreshes it.
    state: LeaseState,
    /// Until when the phone may use it without being heard.
    use_until: Moment,
    /// The server's clock.
    server_time: Moment,
    /// At most 200.
    recalls: Vec<RecallView>,
}

/// Wait for vouchers that are asked back
///
/// Answers at once when there is something to give back or the lease has ended, else after `wait` seconds.
#[utoipa::path(get, path = "/leases/{id}/recalls", tag = "leases", params(("id" = LeaseId, Path), Wait),
    responses((status = 200, description = "What to give back", body = Recalls), Problems))]
pub(super) async fn wait_for_recalls(
    State(core): State<Core>,
    Extension(redemption): Extension<ScanIntake>,
    caller: Caller,
    Id(id): Id<LeaseId>,
    Params(wait): Params<Wait>,
) -> Result<Json<Recalls>> {
    let device = phone(caller)?;
    let until = tokio::time::Instant::now() + Duration::from_secs(wait.wait.unwrap_or(0).min(WAIT_MAX_SECS));
    let mut news = redemption.recalls();
    note_heard(&core, &device, id).await?;
    loop {
        news.mark_unchanged();
        let seen = recalls(&core, &device, id).await?;
        let left = until.saturating_duration_since(tokio::time::Instant::now());
        if !seen.recalls.is_empty() || !seen.state.holds() || left.is_zero() {
            return Ok(Json(seen));
        }
        tokio::select! {
            _ = news.changed() => {}
            () = tokio::time::sleep(left.min(LOOK_EVERY)) => {}
            () = core.stopped() => return Ok(Json(seen)),
        }
    }
}

async fn recalls(core: &Core, device: &Device, id: LeaseId) -> Result<Recalls> {
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
async fn note_heard(core: &Core, device: &Device, id: LeaseId) -> Result<()> {
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
pub(in crate::redemption) async fn ask_back(core: &Core, redemption: &ScanIntake, voucher_id: Uuid) -> Result<Recall> {
    let now = core.clock.now();
    let mut tx = core.db.begin().await?;
    let heard_at = store::recall(&mut tx, voucher_id, now).await?;
    tx.commit().await?;
    redemption.tell_recalls();
    // Given back meanwhile: a new scan will find it free.
    Ok(heard_at.map_or(Recall::Asked, |heard_at| rules::recall(heard_at, now)))
}
