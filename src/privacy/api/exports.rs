//! The JSON API of telling people what is kept of them.

use axum::Json;
use axum::extract::State;

use crate::http::{Api, Core, Id, Problems, Result, routes};
use crate::kernel::ids::{DeviceId, DonorId, HouseholdId, LandlordId, UserId};
use crate::people::Permit;
use crate::people::rights::{ManagePeople, ManagePrivacy};
use crate::privacy::export::Export;
use crate::privacy::service::telling;

pub fn router<A: Api>() -> A {
    A::new()
        .routes(routes!(export_household))
        .routes(routes!(export_landlord))
        .routes(routes!(export_donor))
        .routes(routes!(export_user))
        .routes(routes!(export_device))
}

/// Everything kept of a household
///
/// With those merged into it, in full; this look is logged.
#[utoipa::path(get, path = "/households/{id}/export", tag = "privacy", params(("id" = HouseholdId, Path)),
    responses((status = 200, description = "Everything kept", body = Export), Problems))]
async fn export_household(
    State(core): State<Core>,
    permit: Permit<ManagePrivacy>,
    Id(id): Id<HouseholdId>,
) -> Result<Json<Export>> {
    telling::household(&core, &permit, id).await.map(Json)
}

/// Everything kept of a landlord
///
/// With the tenants that were named, in full; this look is logged.
#[utoipa::path(get, path = "/landlords/{id}/export", tag = "privacy", params(("id" = LandlordId, Path)),
    responses((status = 200, description = "Everything kept", body = Export), Problems))]
async fn export_landlord(
    State(core): State<Core>,
    permit: Permit<ManagePrivacy>,
    Id(id): Id<LandlordId>,
) -> Result<Json<Export>> {
    telling::landlord(&core, &permit, id).await.map(Json)
}

/// Everything kept of a donor
#[utoipa::path(get, path = "/donors/{id}/export", tag = "privacy", params(("id" = DonorId, Path)),
    responses((status = 200, description = "Everything kept", body = Export), Problems))]
async fn export_donor(
    State(core): State<Core>,
    permit: Permit<ManagePrivacy>,
    Id(id): Id<DonorId>,
) -> Result<Json<Export>> {
    telling::donor(&core, &permit, id).await.map(Json)
}

/// Everything kept of who has a login
#[utoipa::path(get, path = "/users/{id}/export", tag = "privacy", params(("id" = UserId, Path)),
    responses((status = 200, description = "Everything kept", body = Export), Problems))]
async fn export_user(
    State(core): State<Core>,
    permit: Permit<ManagePeople>,
    Id(id): Id<UserId>,
) -> Result<Json<Export>> {
    telling::user(&core, &permit, id).await.map(Json)
}

/// Everything kept of the volunteer who carried a phone
#[utoipa::path(get, path = "/devices/{id}/export", tag = "privacy", params(("id" = DeviceId, Path)),
    responses((status = 200, description = "Everything kept", body = Export), Problems))]
async fn export_device(
    State(core): State<Core>,
    permit: Permit<ManagePrivacy>,
    Id(id): Id<DeviceId>,
) -> Result<Json<Export>> {
    telling::device(&core, &permit, id).await.map(Json)
}
