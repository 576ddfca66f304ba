//! Which login belongs to whose account at the provider that people sign on with.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use crate::http::{Api, Body, Core, Id, Problems, Result, routes};
use crate::kernel::ids::UserId;
use crate::people::Permit;
use crate::people::rights::{ChangePeople, ManagePeople};
use crate::people::service::sign_on as service;
use crate::people::sign_on::{Email, LinkState};

pub fn router<A: Api>() -> A {
    A::new().routes(routes!(sign_on_link, expect_sign_on, unlink_sign_on))
}

/// Whether a login is linked to an account at the provider
#[utoipa::path(get, path = "/users/{id}/sign-on", tag = "people", params(("id" = UserId, Path)),
    responses((status = 200, description = "The link", body = LinkState), Problems))]
async fn sign_on_link(
    State(core): State<Core>,
    _permit: Permit<ManagePeople>,
    Id(id): Id<UserId>,
) -> Result<Json<LinkState>> {
    service::state(&core, id).await.map(Json)
}

/// Whose account at the provider opens a login.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"email": "lan.tran@example.vn"}))]
struct ExpectBody {
    /// The address that the provider has verified for them.
    #[schema(max_length = 254, pattern = r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$")]
    email: String,
}

/// Let a login wait for who has an address at the provider
///
/// Who first signs on within 72 hours with this address, which the provider says it verified, is linked by what the
/// provider calls them for good; the address is forgotten. Takes the place of a link that the login has. 404 where the
/// operator configured no provider.
#[utoipa::path(put, path = "/users/{id}/sign-on", tag = "people", params(("id" = UserId, Path)), request_body = ExpectBody,
    responses((status = 200, description = "It waits", body = LinkState), Problems))]
async fn expect_sign_on(
    State(core): State<Core>,
    permit: Permit<ChangePeople>,
    Id(id): Id<UserId>,
    Body(body): Body<ExpectBody>,
) -> Result<Json<LinkState>> {
    let email = Email::parse(&body.email).map_err(|wrong| wrong.at("email"))?;
    core.run(async |tx| service::expect(tx, &core, &permit, id, email).await).await.map(Json)
}

/// Take a login's link to the provider away
///
/// Ends its sessions. It still logs in with its password.
#[utoipa::path(delete, path = "/users/{id}/sign-on", tag = "people", params(("id" = UserId, Path)),
    responses((status = 204, description = "Nobody's account opens it any more"), Problems))]
async fn unlink_sign_on(
    State(core): State<Core>,
    permit: Permit<ChangePeople>,
    Id(id): Id<UserId>,
) -> Result<StatusCode> {
    core.run(async |tx| service::unlink(tx, &core.clock, &permit, id).await).await?;
    Ok(StatusCode::NO_CONTENT)
}
