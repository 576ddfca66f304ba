//! The JSON API of leases.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::manifest::{self, Manifest};
use super::reports::{self, ClosingReport, Ended, own};
use super::rules::Recall;
use super::store::{Filter, ListRow, Named};
use super::take::{self, Ask, LeaseView};
use super::{Lease, LeaseId, LeaseState, RECALL_SECS, Share, store};
use crate::kernel::{Moment, Say};
use crate::people::audit;
use crate::people::caller::Device;
use crate::people::{Caller, DeviceId, PointId, Right, Staff, Uploader};
use crate::places;
use crate::redemption::door::Redemption;
use crate::web::{Answer, Begun, Body, Core, Create, Error, Id, Listing, Page, Params, Problems, Result};

/// Vouchers that one return names at most.
const RETURNS_MAX: usize = 1000;
/// Seconds that a phone waits for recalls at most.
const WAIT_MAX_SECS: u64 = 25;
/// How often a waiting phone's recalls are looked up: another process may have written them.
const LOOK_EVERY: Duration = Duration::from_secs(3);
/// How exactly a phone's last contact is kept, in seconds.
const HEARD_EVERY_SECS: i64 = 15;

/// Leases and manifests.
pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(take_lease, list_leases))
        .routes(routes!(wait_for_recalls))
        .routes(routes!(return_vouchers))
        .routes(routes!(report_lease))
        .routes(routes!(release_lease))
        .routes(routes!(get_manifest))
}

/// The phone that calls; members of staff take no leases.
fn phone(caller: Caller) -> Result<Device> {
    match caller {
        Caller::Device(device) => Ok(device),
        Caller::Staff(_) => Err(Error::Forbidden),
    }
}

/// Take a lease, or refresh it
///
/// The vouchers of a point (or of a desk's share) that nobody else holds become this phone's alone to hand out offline.
/// Asked again, the same lease gets new vouchers and a new `use_until`. It never ends by time.
#[utoipa::path(post, path = "/leases", tag = "leases", request_body = Ask,
    responses((status = 201, description = "The lease", body = LeaseView), Problems))]
async fn take_lease(State(core): State<Core>, caller: Caller, create: Create<Ask>) -> Result<Answer> {
    let device = phone(caller)?;
    let Create { body, once } = create;
    let point = places::store::point(&mut core.db.read().await?, body.point_id).await?;
    let point = point.ok_or_else(take::no_such_point)?;
    if !device.point_ids.contains(&point.id) {
        return Err(Error::Forbidden);
    }
    let mut tx = match once.begin(&core, device.id.0).await? {
        Begun::Before(answer) => return Ok(answer),
        Begun::Now(tx) => tx,
    };
    if let Some(end) = &body.chain
        && take::is_rolled_back(&mut tx, &core, &device, end).await?
    {
        tx.commit().await?;
        return Err(take::rolled_back());
    }
    let lease = take::take(&mut tx, &core, &device, &point, body).await?;
    once.finish(&core, tx, device.id.0, StatusCode::CREATED, &lease).await
}

/// For how long to wait.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Wait {
    /// Seconds, at most 25; 0 when left out.
    wait: Option<u64>,
}

/// A voucher that is asked back.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct RecallView {
    /// The round's number.
    round: i64,
    /// The serial in the round.
    serial: i64,
    /// When another desk asked last.
    asked_at: Moment,
}

/// What a phone is asked to give back.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Recalls {
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
async fn wait_for_recalls(
    State(core): State<Core>,
    Extension(redemption): Extension<Redemption>,
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
pub(in crate::redemption) async fn ask_back(core: &Core, redemption: &Redemption, voucher_id: Uuid) -> Result<Recall> {
    let now = core.clock.now();
    let mut tx = core.db.begin().await?;
    let heard_at = store::recall(&mut tx, voucher_id, now).await?;
    tx.commit().await?;
    redemption.tell_recalls();
    // Given back meanwhile: a new scan will find it free.
    Ok(heard_at.map_or(Recall::Asked, |heard_at| super::rules::recall(heard_at, now)))
}

/// A voucher to give back.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::ToSchema)]
struct ReturnedVoucher {
    /// The round's number.
    round: i64,
    /// The serial in the round.
    serial: i64,
}

/// Vouchers that a phone gives back.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"vouchers": [{"round": 12, "serial": 340}]}))]
struct ReturnBody {
    /// At most 1,000. Each was durably removed from the phone before.
    vouchers: Vec<ReturnedVoucher>,
}

/// What came of giving back.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Returned {
    /// What the lease is now.
    state: LeaseState,
    /// How many of them it still held.
    returned: u64,
}

/// Give vouchers back
///
/// The phone promises that it will not hand them out under this lease, and that its records of them are here.
#[utoipa::path(post, path = "/leases/{id}/returns", tag = "leases", params(("id" = LeaseId, Path)),
    request_body = ReturnBody,
    responses((status = 200, description = "How many were held", body = Returned), Problems))]
async fn return_vouchers(
    State(core): State<Core>,
    Uploader(caller): Uploader,
    Id(id): Id<LeaseId>,
    Body(body): Body<ReturnBody>,
) -> Result<Json<Returned>> {
    let device = phone(caller)?;
    if body.vouchers.len() > RETURNS_MAX {
        let say = Say::fixed("Mỗi lần trả lại tối đa 1.000 phiếu.", "Return at most 1,000 vouchers at a time.");
        return Err(Error::field("vouchers", "too_many", say));
    }
    let named: Vec<Named> = body.vouchers.iter().map(|v| Named { round: v.round, serial: v.serial }).collect();
    let now = core.clock.now();
    let mut tx = core.db.begin().await?;
    let lease = own(store::locked(&mut tx, id).await?, &device)?;
    let returned = store::give_back(&mut tx, id, &named, now).await?;
    tx.commit().await?;
    Ok(Json(Returned { state: lease.state(now), returned }))
}

/// Report at the end of duty
///
/// Ends the lease when all the phone's records are here; otherwise 409 `records_missing`, whose `errors` name each
/// missing range as `first-last`.
#[utoipa::path(post, path = "/leases/{id}/report", tag = "leases", params(("id" = LeaseId, Path)),
    request_body = ClosingReport,
    responses((status = 200, description = "The lease has ended", body = Ended), Problems))]
async fn report_lease(
    State(core): State<Core>,
    Uploader(caller): Uploader,
    Id(id): Id<LeaseId>,
    Body(body): Body<ClosingReport>,
) -> Result<Json<Ended>> {
    let device = phone(caller)?;
    reports::report(&core, &device, id, body).await.map(Json)
}

/// Why a coordinator accepts the risk.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"reason": "Máy rơi hỏng lúc 9 giờ, tình nguyện viên xác nhận chưa phát phiếu nào"}))]
struct ReleaseBody {
    /// 1 to 500 characters.
    reason: String,
    /// Must be true while the phone may still be using the lease.
    #[serde(default)]
    still_in_use: bool,
}

/// Release a lease whose phone doesn't report
///
/// What it holds is free again, though its phone may have handed it out. What the phone uploads later is kept, and
/// what was handed out twice becomes a conflict.
#[utoipa::path(post, path = "/leases/{id}/release", tag = "leases", params(("id" = LeaseId, Path)),
    request_body = ReleaseBody,
    responses((status = 200, description = "The lease has ended", body = Ended), Problems))]
async fn release_lease(
    State(core): State<Core>,
    Extension(redemption): Extension<Redemption>,
    staff: Staff,
    Id(id): Id<LeaseId>,
    Body(body): Body<ReleaseBody>,
) -> Result<Json<Ended>> {
    staff.require(Right::Override)?;
    let reason = audit::parse_reason(&body.reason).map_err(|wrong| wrong.at("reason"))?;
    let ended = reports::release(&core, &staff, id, reason, body.still_in_use).await?;
    redemption.tell_recalls();
    core.changed();
    Ok(Json(ended))
}

/// Which leases.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct LeaseFilter {
    /// Only those in this state.
    state: Option<LeaseState>,
    /// Only this point's.
    point_id: Option<PointId>,
    /// Rows at most, 1 to 500 (50 when left out).
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// The point of a lease.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct LeasePoint {
    /// Its id.
    id: PointId,
    /// Its name.
    name: String,
}

/// The phone of a lease.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct LeasePhone {
    /// Its id.
    id: DeviceId,
    /// Its name.
    name: String,
    /// Who carries it; may be empty.
    volunteer: String,
    /// When it was revoked.
    revoked_at: Option<Moment>,
}

/// The vouchers of a lease, counted.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct LeaseCounts {
    /// Ever held under it.
    taken: i64,
    /// Of those, handed out by its phone, as far as is known here.
    used: i64,
    /// Still held and not used up.
    left: i64,
}

/// A lease as coordinators see it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct LeaseListView {
    /// Its id.
    id: LeaseId,
    /// Its number.
    epoch: i64,
    /// What it is now.
    state: LeaseState,
    /// The point.
    point: LeasePoint,
    /// Where the phone works.
    desk: String,
    /// Its share; null: all of the point.
    share: Option<Share>,
    /// The phone.
    device: LeasePhone,
    /// When it was taken.
    taken_at: Moment,
    /// Until when the phone may use it without being heard.
    use_until: Moment,
    /// When the phone was last heard.
    heard_at: Option<Moment>,
    /// When it ended.
    closed_at: Option<Moment>,
    /// Why a coordinator released it.
    release_reason: Option<String>,
    /// Its vouchers.
    vouchers: LeaseCounts,
}

impl LeaseListView {
    fn of(row: ListRow, now: Moment) -> Self {
        let lease: Lease = row.lease;
        Self {
            id: lease.id,
            epoch: lease.epoch,
            state: lease.state(now),
            point: LeasePoint { id: lease.point_id, name: row.point },
            share: lease.share(),
            device: LeasePhone {
                id: lease.device_id,
                name: row.device,
                volunteer: row.volunteer,
                revoked_at: row.revoked_at,
            },
            taken_at: lease.taken_at,
            use_until: lease.use_until,
            heard_at: lease.heard_at.max(row.last_seen_at),
            closed_at: lease.closed_at,
            release_reason: lease.release_reason,
            desk: lease.desk,
            vouchers: LeaseCounts { taken: row.taken, used: row.used, left: row.left },
        }
    }
}

/// Leases, with what is in doubt
///
/// `in_doubt`: the phone's use is over and it did not report; a coordinator waits for it, or releases it.
#[utoipa::path(get, path = "/leases", tag = "leases", params(LeaseFilter),
    responses((status = 200, description = "A page of leases", body = Listing<LeaseListView>), Problems))]
async fn list_leases(
    State(core): State<Core>,
    staff: Staff,
    Params(filter): Params<LeaseFilter>,
) -> Result<Json<Listing<LeaseListView>>> {
    staff.require(Right::ReadRedemptions)?;
    let cursor = Page { limit: filter.limit, after: filter.after }.cursor()?;
    let point_ids = match filter.point_id {
        Some(point_id) => {
            staff.require_point(point_id)?;
            Some(vec![point_id])
        }
        None if staff.point_ids.is_empty() => None,
        None => Some(staff.point_ids.clone()),
    };
    let now = core.clock.now();
    let state = filter.state.map_or("", LeaseState::name).to_owned();
    let rows = store::page(&mut core.db.read().await?, &Filter { state, point_ids }, cursor, now).await?;
    let items = rows.into_iter().map(|row| LeaseListView::of(row, now)).collect();
    Ok(Json(Listing::new(items, cursor, |lease: &LeaseListView| lease.id.0)))
}

/// Which lease.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ManifestFilter {
    /// The phone's lease; left out: its open one at this point, if it has one.
    lease: Option<LeaseId>,
}

/// What a phone keeps for working offline
///
/// The vouchers of its lease, sealed so that only who holds a paper can read whose it is. The bytes of `rows` and
/// `known` are told in docs/phone-protocol.md.
#[utoipa::path(get, path = "/points/{id}/manifest", tag = "leases", params(("id" = PointId, Path), ManifestFilter),
    responses((status = 200, description = "The manifest", body = Manifest), Problems))]
async fn get_manifest(
    State(core): State<Core>,
    caller: Caller,
    Id(point_id): Id<PointId>,
    Params(filter): Params<ManifestFilter>,
) -> Result<Json<Manifest>> {
    caller.require(Right::Redeem)?;
    let mut conn = core.db.read().await?;
    let point = places::store::point(&mut conn, point_id).await?.ok_or(Error::NotFound)?;
    if !caller.serves(point_id) {
        return Err(Error::Forbidden);
    }
    let lease = match (filter.lease, &caller) {
        (Some(id), Caller::Device(device)) => {
            let lease = own(store::one(&mut conn, id).await?, device)?;
            let lease = Some(lease).filter(|lease| lease.point_id == point_id).ok_or(Error::NotFound)?;
            refuse_ended(&lease, core.clock.now())?;
            Some(lease)
        }
        (None, Caller::Device(device)) => store::open_of(&mut conn, device.id, point_id).await?,
        (Some(_), Caller::Staff(_)) => return Err(Error::NotFound),
        (None, Caller::Staff(_)) => None,
    };
    drop(conn);
    manifest::make(&core, point, lease).await.map(Json)
}

fn refuse_ended(lease: &Lease, now: Moment) -> Result<()> {
    match lease.state(now) {
        LeaseState::Open | LeaseState::InDoubt => Ok(()),
        LeaseState::Closed => Err(Error::conflict(
            "lease_closed",
            "Máy này đã báo kết thúc. Hãy nhận lại danh sách phiếu trước khi phát tiếp.",
            "This lease was reported as finished. Take a new one before going on.",
        )),
        LeaseState::Released => Err(Error::conflict(
            "lease_released",
            "Cán bộ phụ trách đã giải phóng danh sách phiếu của máy này. Hãy nhận lại trước khi phát tiếp.",
            "A coordinator released this phone's lease. Take a new one before going on.",
        )),
    }
}
