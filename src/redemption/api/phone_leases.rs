//! What phones hold, as coordinators see it phone by phone, and phones that are revoked: a lost phone must not lock its
//! desk.

use axum::extract::State;
use axum::{Extension, Json};

use crate::http::{Body, Core, Error, Id, Problems, Result};
use crate::kernel::ids::DeviceId;
use crate::people::device_view::DeviceView;
use crate::people::rights::{ManageDevices, Override};
use crate::people::{Permit, reachable_device};
use crate::redemption::intake::ScanIntake;
use crate::redemption::leases::risk::{PhoneRelease, RevokeBody, Risk};
use crate::redemption::leases::service::release;
use crate::redemption::leases::store::{self, DeviceLeases};
use crate::redemption::leases::view::Released;

/// Release all that a phone holds
///
/// Its vouchers are free again, though the phone may have handed them out. What it uploads later is kept, and what was
/// handed out twice becomes a conflict. While the phone may still hand out offline, `still_in_use` must say that this is
/// known: else 409 `still_in_use`.
#[utoipa::path(post, path = "/leases/release", tag = "leases", request_body = PhoneRelease,
    responses((status = 200, description = "How many vouchers were freed", body = Released), Problems))]
pub(super) async fn release_phone(
    State(core): State<Core>,
    Extension(redemption): Extension<ScanIntake>,
    permit: Permit<Override>,
    Body(body): Body<PhoneRelease>,
) -> Result<Json<Released>> {
    let PhoneRelease { device_id, risk } = body;
    let risk = Risk::parse(&risk.reason, risk.still_in_use).map_err(|wrong| wrong.at("reason"))?;
    let released =
        core.run(async |tx| release::release_phone(tx, &core, &redemption, &permit, (device_id, &risk)).await);
    released.await.map(Json)
}

/// What a phone holds
#[utoipa::path(get, path = "/devices/{id}/leases", tag = "leases", params(("id" = DeviceId, Path)),
    responses((status = 200, description = "Its vouchers, counted", body = DeviceLeases), Problems))]
pub(super) async fn phone_leases(
    State(core): State<Core>,
    permit: Permit<ManageDevices>,
    Id(id): Id<DeviceId>,
) -> Result<Json<DeviceLeases>> {
    let mut conn = core.db.read().await?;
    reachable_device(&mut conn, &permit, id).await?;
    store::of_device(&mut conn, id).await?.map(Json).ok_or(Error::NotFound)
}

/// Revoke a phone
///
/// Takes effect at once. The phone may still upload what it handed out before, of vouchers that it held; those records
/// are flagged, others wait for a coordinator. Revoking alone frees none of its vouchers: say `release` for that. Revoking
/// a revoked phone again releases what it still holds.
#[utoipa::path(post, path = "/devices/{id}/revoke", tag = "devices", params(("id" = DeviceId, Path)),
    request_body(content = Option<RevokeBody>,
        example = json!({"release": {"reason": "Máy rơi mất lúc 9 giờ", "still_in_use": true}})),
    responses((status = 200, description = "The phone as it is now", body = DeviceView), Problems))]
pub(super) async fn revoke_device(
    State(core): State<Core>,
    Extension(redemption): Extension<ScanIntake>,
    permit: Permit<ManageDevices>,
    Id(id): Id<DeviceId>,
    body: Option<Body<RevokeBody>>,
) -> Result<Json<DeviceView>> {
    let release = body.and_then(|Body(body)| body.release);
    let may_release = release.as_ref().map(|_| permit.also::<Override>()).transpose()?;
    let risk = release.map(|risk| Risk::parse(&risk.reason, risk.still_in_use)).transpose();
    let risk = risk.map_err(|wrong| wrong.at("release.reason"))?;
    let phone = (id, may_release.as_ref().zip(risk.as_ref()));
    core.run(async |tx| release::revoke_phone(tx, &core, &redemption, &permit, phone).await).await.map(Json)
}
