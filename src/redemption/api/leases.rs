//! The JSON API of leases: what phones say. What coordinators see and release is in [`lease_oversight`] and
//! [`phone_leases`].

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{lease_oversight, phone_leases, recalls as waiting};
use crate::http::{Answer, Api, Body, Claim, Core, CreateBody, Error, Id, Params, Problems, Result, routes};
use crate::kernel::ids::{LeaseId, PointId};
use crate::kernel::{Message, Moment};
use crate::people::rights::Redeem;
use crate::people::{Caller, Permit, Uploader};
use crate::places;
use crate::redemption::leases::manifest::Manifest;
use crate::redemption::leases::reports::{ClosingReport, Ended, own, phone};
use crate::redemption::leases::store::Named;
use crate::redemption::leases::take::{Ask, LeaseView};
use crate::redemption::leases::{Lease, LeaseState, manifest, reports, store, take};

/// Vouchers that one return names at most.
const RETURNS_MAX: usize = 1000;

/// Leases and manifests.
pub fn router<A: Api>() -> A {
    A::new()
        .routes(routes!(take_lease, lease_oversight::list_leases))
        .routes(routes!(waiting::wait_for_recalls))
        .routes(routes!(return_vouchers))
        .routes(routes!(report_lease))
        .routes(routes!(lease_oversight::release_lease))
        .routes(routes!(phone_leases::release_phone))
        .routes(routes!(phone_leases::phone_leases))
        .routes(routes!(phone_leases::revoke_device))
        .routes(routes!(get_manifest))
}

/// Take a lease, or refresh it
///
/// The vouchers of a point (or of a desk's share) that nobody else holds become this phone's alone to hand out offline.
/// Asked again, the same lease gets new vouchers and a new `use_until`. It never ends by time.
#[utoipa::path(post, path = "/leases", tag = "leases", request_body = Ask,
    responses((status = 201, description = "The lease", body = LeaseView), Problems))]
async fn take_lease(State(core): State<Core>, caller: Caller, create: CreateBody<Ask>) -> Result<Answer> {
    let device = phone(caller)?;
    let CreateBody { body, once } = create;
    let point = places::store::point(&mut core.db.read().await?, body.point_id).await?;
    let point = point.ok_or_else(take::no_such_point)?;
    if !device.point_ids.contains(&point.id) {
        return Err(Error::Forbidden);
    }
    let mut tx = match once.begin(&core, device.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
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
        let say = Message::fixed("Mỗi lần trả lại tối đa 1.000 phiếu.", "Return at most 1,000 vouchers at a time.");
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
    permit: Permit<Redeem, Caller>,
    Id(point_id): Id<PointId>,
    Params(filter): Params<ManifestFilter>,
) -> Result<Json<Manifest>> {
    let mut conn = core.db.read().await?;
    let point = places::store::point(&mut conn, point_id).await?.ok_or(Error::NotFound)?;
    if !permit.serves(point_id) {
        return Err(Error::Forbidden);
    }
    let lease = match (filter.lease, &*permit) {
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
