//! What phones hold, as coordinators see it phone by phone, and phones that are revoked: a lost phone must not lock its
//! desk.

use axum::extract::State;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};

use crate::http::{Body, Core, Error, Id, Problems, Result};
use crate::kernel::ids::DeviceId;
use crate::kernel::message::Invalid;
use crate::people::caller::forget_believed;
use crate::people::device_view::{DeviceView, one_view};
use crate::people::rights::{ManageDevices, Override};
use crate::people::service::devices;
use crate::people::{Permit, audit, reachable_device};
use crate::redemption::intake::ScanIntake;
use crate::redemption::leases::reports::Risk;
use crate::redemption::leases::store::DeviceLeases;
use crate::redemption::leases::{reports, store};

/// Whose vouchers are released, and why.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"device_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90",
    "reason": "Máy rơi mất lúc 9 giờ, tình nguyện viên đã báo", "still_in_use": true}))]
pub(crate) struct PhoneRelease {
    /// The phone.
    pub(crate) device_id: DeviceId,
    #[serde(flatten)]
    #[schema(inline)]
    pub(crate) risk: RiskBody,
}

/// Why a coordinator takes a phone's vouchers from it.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ReleaseRisk, example = json!({"reason": "Máy rơi mất lúc 9 giờ", "still_in_use": true}))]
pub(crate) struct RiskBody {
    /// 3 to 300 characters.
    pub(crate) reason: String,
    /// Must be true while the phone may still hand out offline.
    #[serde(default)]
    pub(crate) still_in_use: bool,
}

/// How many vouchers were freed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Released {
    /// Vouchers that were not handed out in full and are anybody's again; 0 when the phone held none.
    #[schema(example = 25)]
    pub(crate) released: i64,
}

impl RiskBody {
    fn check(&self) -> std::result::Result<Risk, Invalid> {
        let reason = audit::parse_reason(&self.reason)?;
        Ok(Risk { reason, still_in_use: self.still_in_use })
    }
}

/// Release all that a phone holds
///
/// Its vouchers are free again, though the phone may have handed them out. What it uploads later is kept, and what was
/// handed out twice becomes a conflict. While the phone may still hand out offline, `still_in_use` must say that this is
/// known: else 409 `still_in_use`.
#[utoipa::path(post, path = "/leases/release", tag = "leases", request_body = PhoneRelease,
    responses((status = 200, description = "How many vouchers were freed", body = Released), Problems))]
pub(crate) async fn release_phone(
    State(core): State<Core>,
    Extension(redemption): Extension<ScanIntake>,
    permit: Permit<Override>,
    Body(body): Body<PhoneRelease>,
) -> Result<Json<Released>> {
    let risk = body.risk.check().map_err(|wrong| wrong.at("reason"))?;
    let mut tx = core.db.begin().await?;
    reachable_device(&mut tx, &permit, body.device_id).await?;
    let released = reports::release_of(&mut tx, &core, &permit, body.device_id, &risk).await?;
    tx.commit().await?;
    redemption.tell_recalls();
    core.changed();
    Ok(Json(Released { released }))
}

/// What a phone holds
#[utoipa::path(get, path = "/devices/{id}/leases", tag = "leases", params(("id" = DeviceId, Path)),
    responses((status = 200, description = "Its vouchers, counted", body = DeviceLeases), Problems))]
pub(crate) async fn phone_leases(
    State(core): State<Core>,
    permit: Permit<ManageDevices>,
    Id(id): Id<DeviceId>,
) -> Result<Json<DeviceLeases>> {
    let mut conn = core.db.read().await?;
    reachable_device(&mut conn, &permit, id).await?;
    store::of_device(&mut conn, id).await?.map(Json).ok_or(Error::NotFound)
}

/// How a phone is revoked.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"release": {"reason": "Máy rơi mất lúc 9 giờ", "still_in_use": true}}))]
pub(crate) struct RevokeBody {
    /// Release what it holds, in the same step. Left out: nothing is released, and its vouchers stay its alone.
    pub(crate) release: Option<RiskBody>,
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
pub(crate) async fn revoke_device(
    State(core): State<Core>,
    Extension(redemption): Extension<ScanIntake>,
    permit: Permit<ManageDevices>,
    Id(id): Id<DeviceId>,
    body: Option<Body<RevokeBody>>,
) -> Result<Json<DeviceView>> {
    let release = body.and_then(|Body(body)| body.release);
    let risk = match &release {
        None => None,
        Some(risk) => {
            permit.also::<Override>()?;
            Some(risk.check().map_err(|wrong| wrong.at("release.reason"))?)
        }
    };
    let mut tx = core.db.begin().await?;
    reachable_device(&mut tx, &permit, id).await?;
    devices::revoke(&mut tx, &core, &permit, id).await?;
    if let Some(risk) = &risk {
        reports::release_of(&mut tx, &core, &permit, id, risk).await?;
    }
    let view = one_view(&mut tx, id).await?;
    tx.commit().await?;
    forget_believed();
    if risk.is_some() {
        redemption.tell_recalls();
    }
    core.changed();
    Ok(Json(view))
}
