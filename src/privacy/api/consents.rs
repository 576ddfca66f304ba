//! The JSON API of consents.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use uuid::Uuid;

use crate::consents::{Consent, ConsentSubject, Owner};
use crate::http::{Api, Body, Core, Id, Problems, Result, routes};
use crate::kernel::ids::{DonorId, HouseholdId, LandlordId};
use crate::people::Permit;
use crate::people::rights::ManagePrivacy;
use crate::privacy::consent_body::{GiveBody, PaperBody, WithdrawBody};
use crate::privacy::service::consents;

pub fn router<A: Api>() -> A {
    A::new()
        .routes(routes!(household_consents, give_household_consent))
        .routes(routes!(withdraw_household_consent))
        .routes(routes!(landlord_consents, give_landlord_consent))
        .routes(routes!(withdraw_landlord_consent))
        .routes(routes!(donor_consents, give_donor_consent))
        .routes(routes!(withdraw_donor_consent))
        .routes(routes!(consents_of_paper))
}

/// Consents, the latest first.
#[derive(Serialize, utoipa::ToSchema)]
struct Consents {
    items: Vec<Consent>,
}

const fn owner(kind: ConsentSubject, id: Uuid) -> Owner {
    Owner { kind, id }
}

async fn listed(core: &Core, permit: &Permit<ManagePrivacy>, owner: Owner) -> Result<Json<Consents>> {
    let items = consents::list(&mut core.db.read().await?, permit, owner).await?;
    Ok(Json(Consents { items }))
}

async fn given(core: &Core, permit: &Permit<ManagePrivacy>, owner: Owner, body: GiveBody) -> Result<Json<Consents>> {
    let items = core.run(async |tx| consents::give(tx, core, permit, owner, body).await).await?;
    Ok(Json(Consents { items }))
}

async fn withdrawn(
    core: &Core,
    permit: &Permit<ManagePrivacy>,
    owner: Owner,
    body: WithdrawBody,
) -> Result<Json<Consents>> {
    let items = core.run(async |tx| consents::withdraw(tx, core, permit, owner, body).await).await?;
    Ok(Json(Consents { items }))
}

/// What a household agreed to
#[utoipa::path(get, path = "/households/{id}/consents", tag = "privacy", params(("id" = HouseholdId, Path)),
    responses((status = 200, description = "Its consents", body = Consents), Problems))]
async fn household_consents(
    State(core): State<Core>,
    permit: Permit<ManagePrivacy>,
    Id(id): Id<HouseholdId>,
) -> Result<Json<Consents>> {
    listed(&core, &permit, owner(ConsentSubject::Household, id.0)).await
}

/// Record that a household agreed now
#[utoipa::path(post, path = "/households/{id}/consents", tag = "privacy", params(("id" = HouseholdId, Path)),
    request_body = GiveBody, responses((status = 200, description = "Its consents", body = Consents), Problems))]
async fn give_household_consent(
    State(core): State<Core>,
    permit: Permit<ManagePrivacy>,
    Id(id): Id<HouseholdId>,
    Body(body): Body<GiveBody>,
) -> Result<Json<Consents>> {
    given(&core, &permit, owner(ConsentSubject::Household, id.0), body).await
}

/// Take a household's consent back
///
/// Its data stay until it is erased; no new consent is assumed.
#[utoipa::path(post, path = "/households/{id}/consents/withdraw", tag = "privacy", params(("id" = HouseholdId, Path)),
    request_body = WithdrawBody, responses((status = 200, description = "Its consents", body = Consents), Problems))]
async fn withdraw_household_consent(
    State(core): State<Core>,
    permit: Permit<ManagePrivacy>,
    Id(id): Id<HouseholdId>,
    Body(body): Body<WithdrawBody>,
) -> Result<Json<Consents>> {
    withdrawn(&core, &permit, owner(ConsentSubject::Household, id.0), body).await
}

/// What a landlord agreed to
#[utoipa::path(get, path = "/landlords/{id}/consents", tag = "privacy", params(("id" = LandlordId, Path)),
    responses((status = 200, description = "The consents", body = Consents), Problems))]
async fn landlord_consents(
    State(core): State<Core>,
    permit: Permit<ManagePrivacy>,
    Id(id): Id<LandlordId>,
) -> Result<Json<Consents>> {
    listed(&core, &permit, owner(ConsentSubject::Landlord, id.0)).await
}

/// Record that a landlord agreed now
#[utoipa::path(post, path = "/landlords/{id}/consents", tag = "privacy", params(("id" = LandlordId, Path)),
    request_body = GiveBody, responses((status = 200, description = "The consents", body = Consents), Problems))]
async fn give_landlord_consent(
    State(core): State<Core>,
    permit: Permit<ManagePrivacy>,
    Id(id): Id<LandlordId>,
    Body(body): Body<GiveBody>,
) -> Result<Json<Consents>> {
    given(&core, &permit, owner(ConsentSubject::Landlord, id.0), body).await
}

/// Take a landlord's consent back
#[utoipa::path(post, path = "/landlords/{id}/consents/withdraw", tag = "privacy", params(("id" = LandlordId, Path)),
    request_body = WithdrawBody, responses((status = 200, description = "The consents", body = Consents), Problems))]
async fn withdraw_landlord_consent(
    State(core): State<Core>,
    permit: Permit<ManagePrivacy>,
    Id(id): Id<LandlordId>,
    Body(body): Body<WithdrawBody>,
) -> Result<Json<Consents>> {
    withdrawn(&core, &permit, owner(ConsentSubject::Landlord, id.0), body).await
}

/// What a donor agreed to
#[utoipa::path(get, path = "/donors/{id}/consents", tag = "privacy", params(("id" = DonorId, Path)),
    responses((status = 200, description = "The consents", body = Consents), Problems))]
async fn donor_consents(
    State(core): State<Core>,
    permit: Permit<ManagePrivacy>,
    Id(id): Id<DonorId>,
) -> Result<Json<Consents>> {
    listed(&core, &permit, owner(ConsentSubject::Donor, id.0)).await
}

/// Record that a donor agreed now
#[utoipa::path(post, path = "/donors/{id}/consents", tag = "privacy", params(("id" = DonorId, Path)),
    request_body = GiveBody, responses((status = 200, description = "The consents", body = Consents), Problems))]
async fn give_donor_consent(
    State(core): State<Core>,
    permit: Permit<ManagePrivacy>,
    Id(id): Id<DonorId>,
    Body(body): Body<GiveBody>,
) -> Result<Json<Consents>> {
    given(&core, &permit, owner(ConsentSubject::Donor, id.0), body).await
}

/// Take a donor's consent back
///
/// Whoever does not want to be named any more is anonymous from now on.
#[utoipa::path(post, path = "/donors/{id}/consents/withdraw", tag = "privacy", params(("id" = DonorId, Path)),
    request_body = WithdrawBody, responses((status = 200, description = "The consents", body = Consents), Problems))]
async fn withdraw_donor_consent(
    State(core): State<Core>,
    permit: Permit<ManagePrivacy>,
    Id(id): Id<DonorId>,
    Body(body): Body<WithdrawBody>,
) -> Result<Json<Consents>> {
    withdrawn(&core, &permit, owner(ConsentSubject::Donor, id.0), body).await
}

/// Consents of erased people that a paper may be of
///
/// By the name on it with the phone, the id number or the address. For the whole ward's staff; the look is logged.
#[utoipa::path(post, path = "/consents/of-paper", tag = "privacy", request_body = PaperBody,
    responses((status = 200, description = "At most 50", body = Consents), Problems))]
async fn consents_of_paper(
    State(core): State<Core>,
    permit: Permit<ManagePrivacy>,
    Body(body): Body<PaperBody>,
) -> Result<Json<Consents>> {
    let items = consents::of_paper(&core, &permit, &body.parse()?).await?;
    Ok(Json(Consents { items }))
}
