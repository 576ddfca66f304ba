//! The JSON API of logins' tokens.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

use crate::http::{Answer, Api, Core, CreateBody, Error, Id, IdempotencyKey, Problems, Result, routes};
use crate::kernel::ids::{TokenId, UserId};
use crate::people::Permit;
use crate::people::rights::{ChangePeople, ManagePeople};
use crate::people::service::tokens as service;
use crate::people::store::tokens::{self, TokenRow};
use crate::people::store::users;
use crate::people::token::{IssuedToken, NewToken, NewTokenBody};

pub fn router<A: Api>() -> A {
    A::new().routes(routes!(create_token, list_tokens)).routes(routes!(revoke_token))
}

/// Make an API token for a login
#[utoipa::path(post, path = "/users/{id}/tokens", tag = "people", params(("id" = UserId, Path), IdempotencyKey),
    request_body = NewTokenBody, responses((status = 201, description = "The token", body = IssuedToken), Problems))]
async fn create_token(
    State(core): State<Core>,
    permit: Permit<ChangePeople>,
    Id(id): Id<UserId>,
    create: CreateBody<NewTokenBody>,
) -> Result<Answer> {
    let new = NewToken::parse(&create.body)?;
    core.run_once(&create.once, permit.id.0, StatusCode::CREATED, async |tx| {
        service::create(tx, &core.clock, &permit, id, new).await
    })
    .await
}

/// A login's tokens.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Tokens {
    /// Newest first, a hundred at most, without their secrets.
    items: Vec<TokenRow>,
}

/// A login's newest tokens and sessions
#[utoipa::path(get, path = "/users/{id}/tokens", tag = "people", params(("id" = UserId, Path)),
    responses((status = 200, description = "The tokens", body = Tokens), Problems))]
async fn list_tokens(
    State(core): State<Core>,
    _permit: Permit<ManagePeople>,
    Id(id): Id<UserId>,
) -> Result<Json<Tokens>> {
    let mut conn = core.db.read().await?;
    users::one(&mut conn, id).await?.ok_or(Error::NotFound)?;
    Ok(Json(Tokens { items: tokens::tokens_of(&mut conn, id).await? }))
}

/// End a token or session at once
#[utoipa::path(post, path = "/tokens/{id}/revoke", tag = "people", params(("id" = TokenId, Path)),
    responses((status = 200, description = "The token as it is now", body = TokenRow), Problems))]
async fn revoke_token(
    State(core): State<Core>,
    permit: Permit<ManagePeople>,
    Id(id): Id<TokenId>,
) -> Result<Json<TokenRow>> {
    core.run(async |tx| service::revoke(tx, &core.clock, &permit, id).await).await.map(Json)
}
