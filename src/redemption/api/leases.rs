//! The JSON API of leases: what phones say. What coordinators see and release is in [`lease_oversight`] and
//! [`phone_leases`].

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use super::{lease_oversight, phone_leases, recalls as waiting};
use crate::http::{Answer, Api, Body, Core, CreateBody, Error, Id, IdempotencyKey, Params, Problems, Result, routes};
use crate::kernel::Message;
use crate::kernel::ids::{LeaseId, PointId};
use crate::people::rights::Redeem;
use crate::people::{Caller, Permit, Uploader};
use crate::redemption::chain;
use crate::redemption::leases::ask::Ask;
use crate::redemption::leases::lookup::{of_manifest, phone, point_of};
use crate::redemption::leases::manifest;
use crate::redemption::leases::manifest::Manifest;
use crate::redemption::leases::report::{ClosingReport, LastRecord};
use crate::redemption::leases::service::report::{self, Reported};
use crate::redemption::leases::service::take;
use crate::redemption::leases::store::Named;
use crate::redemption::leases::view::{Ended, LeaseView, Returned};

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
#[utoipa::path(post, path = "/leases", tag = "leases", params(IdempotencyKey), request_body = Ask,
    responses((status = 201, description = "The lease", body = LeaseView), Problems))]
async fn take_lease(State(core): State<Core>, caller: Caller, create: CreateBody<Ask>) -> Result<Answer> {
    let device = phone(caller)?;
    let CreateBody { body, once } = create;
    let point = point_of(&mut core.db.read().await?, &device, body.point_id).await?;
    let mut trouble = None;
    let taken = core.run_once(&once, device.id.0, StatusCode::CREATED, async |tx| {
        trouble = take::rolled_back_at(tx, &device, body.chain.as_ref()).await?;
        if trouble.is_some() {
            return Err(take::rolled_back());
        }
        take::take(tx, &core.clock, &device, &point, body).await
    });
    let taken = taken.await;
    if let Some(trouble) = trouble {
        // The refusal left nothing behind, its key neither; the mark stays.
        core.run(async |tx| chain::service::mark(tx, &core.clock, device.id, trouble, None).await).await?;
    }
    taken
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
    #[schema(max_items = 1000)]
    vouchers: Vec<ReturnedVoucher>,
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
    core.run(async |tx| report::give_back(tx, &core.clock, &device, id, &named).await).await.map(Json)
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
    let last = LastRecord::parse(body)?;
    match core.run(async |tx| report::report(tx, &core.clock, &device, id, last).await).await? {
        Reported::Ended(ended) => Ok(Json(ended)),
        Reported::RolledBack => Err(take::rolled_back()),
    }
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
    let asked = (point_id, filter.lease);
    let (point, lease) = of_manifest(&mut conn, &permit, asked, core.clock.now()).await?;
    drop(conn);
    manifest::make(&core, point, lease).await.map(Json)
}
