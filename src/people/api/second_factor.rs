//! The own second factor, somebody else's that is lost, and whether the ward asks for one.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use crate::http::{Api, Body, Core, Id, Problems, Result, Throttled, routes};
use crate::kernel::ids::UserId;
use crate::people::Permit;
use crate::people::audit::parse_reason;
use crate::people::caller::WithoutFactor;
use crate::people::rights::{AnyLogin, ChangePeople, ManagePeople, OwnFactor};
use crate::people::second_factor::{FactorPolicy, FactorState, NewFactor};
use crate::people::service::second_factor as service;
use crate::people::store::second_factors;
use crate::people::user_view::UserView;

pub fn router<A: Api>() -> A {
    A::new()
        .routes(routes!(own_factor, begin_factor, remove_factor))
        .routes(routes!(confirm_factor))
        .routes(routes!(reset_factor))
        .routes(routes!(factor_policy, set_factor_policy))
}

/// The own second factor
#[utoipa::path(get, path = "/me/totp", tag = "people",
    responses((status = 200, description = "Whether there is one", body = FactorState), Problems))]
async fn own_factor(State(core): State<Core>, permit: Permit<AnyLogin, WithoutFactor>) -> Result<Json<FactorState>> {
    let permit: Permit<AnyLogin> = permit.into();
    service::state(&mut core.db.read().await?, &permit).await.map(Json)
}

/// Set up a second factor, or one on another phone
///
/// Codes by TOTP (RFC 6238): SHA-1, six digits, 30 seconds. Nothing changes until a code of it is confirmed
/// (`POST /me/totp/confirm`) within an hour; sent again, it makes another secret. From a session (403 `session_needed`) whose
/// password was shown within fifteen minutes (403 `password_again`).
#[utoipa::path(post, path = "/me/totp", tag = "people",
    responses((status = 200, description = "What the app needs, told this once", body = NewFactor), Problems))]
async fn begin_factor(State(core): State<Core>, permit: Permit<OwnFactor, WithoutFactor>) -> Result<Json<NewFactor>> {
    let permit: Permit<OwnFactor> = permit.into();
    core.run(async |tx| service::begin(tx, &core, &permit).await).await.map(Json)
}

/// Turn the own second factor off
///
/// Not while the ward asks for one (409 `second_factor_required`).
#[utoipa::path(delete, path = "/me/totp", tag = "people",
    responses((status = 204, description = "The password is enough again"), Problems))]
async fn remove_factor(State(core): State<Core>, permit: Permit<OwnFactor>) -> Result<StatusCode> {
    core.run(async |tx| service::remove(tx, &core.clock, &permit).await).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A code.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"code": "287082"}))]
struct CodeBody {
    /// The six digits that the app shows.
    #[schema(max_length = 40)]
    code: String,
}

/// Confirm a second factor with a code of it
///
/// From then on a code is asked for at the login. Other sessions of the login end.
#[utoipa::path(post, path = "/me/totp/confirm", tag = "people", request_body = CodeBody,
    responses((status = 200, description = "It is in force", body = FactorState), Problems, Throttled))]
async fn confirm_factor(
    State(core): State<Core>,
    permit: Permit<AnyLogin, WithoutFactor>,
    Body(body): Body<CodeBody>,
) -> Result<Json<FactorState>> {
    let permit: Permit<AnyLogin> = permit.into();
    let code = service::read_first_code(&core, &permit, &body.code).await?;
    core.run(async |tx| service::confirm(tx, &core.clock, &permit, code).await).await.map(Json)
}

/// Why a second factor is reset.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"reason": "Mất điện thoại, đã gặp trực tiếp"}))]
struct ResetBody {
    /// 3 to 300 characters.
    #[schema(min_length = 3, max_length = 300)]
    reason: String,
}

/// Take away the second factor that somebody else lost
///
/// Ends their sessions. They log in with the password, and set up another.
#[utoipa::path(post, path = "/users/{id}/totp/reset", tag = "people", params(("id" = UserId, Path)),
    request_body = ResetBody, responses((status = 200, description = "The login as it is now", body = UserView), Problems))]
async fn reset_factor(
    State(core): State<Core>,
    permit: Permit<ChangePeople>,
    Id(id): Id<UserId>,
    Body(body): Body<ResetBody>,
) -> Result<Json<UserView>> {
    let reason = parse_reason(&body.reason).map_err(|wrong| wrong.at("reason"))?;
    core.run(async |tx| service::reset(tx, &core.clock, &permit, id, reason).await).await.map(Json)
}

/// Whether administrators and coordinators must have a second factor
#[utoipa::path(get, path = "/settings/second-factor", tag = "people",
    responses((status = 200, description = "As it is", body = FactorPolicy), Problems))]
async fn factor_policy(State(core): State<Core>, _permit: Permit<ManagePeople>) -> Result<Json<FactorPolicy>> {
    let required = second_factors::is_required(&mut core.db.read().await?).await?;
    Ok(Json(FactorPolicy { required }))
}

/// Ask administrators and coordinators for a second factor, or no longer
///
/// Who has a password and no second factor sets one up before anything else: until then everything is 403
/// `second_factor_required`, for their API tokens too. Logins without a password belong to programs and are not asked.
#[utoipa::path(put, path = "/settings/second-factor", tag = "people", request_body = FactorPolicy,
    responses((status = 200, description = "As it is now", body = FactorPolicy), Problems))]
async fn set_factor_policy(
    State(core): State<Core>,
    permit: Permit<ChangePeople>,
    Body(policy): Body<FactorPolicy>,
) -> Result<Json<FactorPolicy>> {
    core.run(async |tx| service::require(tx, &core.clock, &permit, policy).await).await.map(Json)
}
