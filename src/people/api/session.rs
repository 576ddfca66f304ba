//! Logging in from a program, and who one is.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::http::{Api, Body, Core, Peer, Problems, Result, Throttled, routes};
use crate::kernel::Moment;
use crate::kernel::ids::{AreaId, PointId, UserId};
use crate::people::caller::{Credential, Newcomer, WithoutFactor, identify};
use crate::people::full_name::FullNameBody;
use crate::people::password::{OwnWords, Password};
use crate::people::rights::AnyLogin;
use crate::people::service::{login, users};
use crate::people::{Caller, Permit, Role, Staff};

pub fn router<A: Api>() -> A {
    A::new()
        .routes(routes!(log_in))
        .routes(routes!(log_out))
        .routes(routes!(me))
        .routes(routes!(change_password))
        .routes(routes!(change_name))
        .routes(routes!(confirm))
        .routes(routes!(end_sessions))
}

/// A name and a password.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"username": "lan.tran", "password": "lá lành đùm lá rách"}))]
struct LoginBody {
    /// The login's name.
    username: String,
    /// Its password.
    password: String,
    /// The six digits of its second factor, or a recovery code; only where it has one.
    #[schema(max_length = 40)]
    code: Option<String>,
}

/// A login that began.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct LoginAnswer {
    /// Whose login.
    user_id: UserId,
    /// A bearer token.
    token: String,
    /// When it ends: after twelve hours.
    expires_at: Moment,
}

/// Log in with a password
///
/// For programs; browsers log in at `/login`. After ten wrong passwords an account waits a quarter of an hour for that
/// address. The token ends after two hours without a request. A temporary password opens only `PUT /me/password` (403
/// `password_temporary`), for 72 hours after it was set (then 401 `password_over`).
///
/// Where the login has a second factor, its code comes along: without one 401 `second_factor`. A code opens once (401
/// `code_used`); a wrong one (`wrong_code`), and one of a wrong clock (`clock_off`), count as wrong passwords do.
#[utoipa::path(post, path = "/login", tag = "people", request_body = LoginBody, security(()),
    responses((status = 200, description = "A token for twelve hours", body = LoginAnswer), Problems, Throttled))]
async fn log_in(State(core): State<Core>, peer: Peer, Body(body): Body<LoginBody>) -> Result<Json<LoginAnswer>> {
    let login = login::verify(&core, &peer, &body.username, body.password, body.code).await?;
    let session = core.run(async |tx| login::begin(tx, &core.clock, login, None).await).await?;
    Ok(Json(LoginAnswer { user_id: session.user_id, token: session.token, expires_at: session.expires_at }))
}

/// End the token or session in hand
#[utoipa::path(post, path = "/logout", tag = "people",
    responses((status = 204, description = "It is over"), Problems))]
async fn log_out(State(core): State<Core>, parts: Parts) -> Result<StatusCode> {
    let caller = identify(&core, &parts).await?.required()?;
    let credential = Credential::of(&core, &parts.headers, &parts.extensions);
    if let (Caller::Staff(_), Some(credential)) = (&caller, credential) {
        core.run(async |tx| login::end(tx, &core.clock, &caller, &credential).await).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Another password for the own login.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"current": "lá lành đùm lá rách", "password": "một cây làm chẳng nên non"}))]
struct PasswordBody {
    /// The present password.
    current: String,
    /// The new one: 12 to 200 characters, not easily guessed.
    #[schema(min_length = 12, max_length = 200)]
    password: String,
}

/// Choose another password for the own login
///
/// Ends its sessions; the answer holds a new one.
#[utoipa::path(put, path = "/me/password", tag = "people", request_body = PasswordBody,
    responses((status = 200, description = "A token for twelve hours", body = LoginAnswer), Problems, Throttled))]
async fn change_password(
    State(core): State<Core>,
    permit: Permit<AnyLogin, Newcomer>,
    Body(body): Body<PasswordBody>,
) -> Result<Json<LoginAnswer>> {
    let permit: Permit<AnyLogin> = permit.into();
    let own = OwnWords::of(&core, &permit.username).await?;
    let new = Password::parse(body.password, &own).map_err(|wrong| wrong.at("password"))?;
    let password = login::read_own_password(&core, &permit, body.current, new).await?;
    let session = core.run(async |tx| login::change_password(tx, &core.clock, &permit, password).await).await?;
    Ok(Json(LoginAnswer { user_id: session.user_id, token: session.token, expires_at: session.expires_at }))
}

/// Choose what papers and the audit log call one
///
/// The login stays the name to log in with, and stands where there is no other.
#[utoipa::path(put, path = "/me/full-name", tag = "people", request_body = FullNameBody,
    responses((status = 200, description = "The caller as they are now", body = Me), Problems))]
async fn change_name(
    State(core): State<Core>,
    permit: Permit<AnyLogin>,
    Body(body): Body<FullNameBody>,
) -> Result<Json<Me>> {
    let full_name = body.parse()?;
    core.run(async |tx| users::change_own_name(tx, &core.clock, &permit, full_name.clone()).await).await?;
    Ok(Json(Me { full_name, ..Me::of(&permit) }))
}

/// The own password, once more.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"password": "lá lành đùm lá rách"}))]
struct PasswordAgainBody {
    /// The present password.
    password: String,
    /// A code of the second factor, where there is one.
    #[schema(max_length = 40)]
    code: Option<String>,
}

/// How long a password counts as just shown.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Confirmation {
    /// Until then nothing asks for it again.
    until: Moment,
}

/// Show the own password again
///
/// For what answers 403 `password_again`: changes of logins, API tokens and signing keys, when the password was last shown
/// more than fifteen minutes ago. An API token is never asked.
#[utoipa::path(post, path = "/me/confirm", tag = "people", request_body = PasswordAgainBody,
    responses((status = 200, description = "It counts as just shown", body = Confirmation), Problems, Throttled))]
async fn confirm(
    State(core): State<Core>,
    permit: Permit<AnyLogin, WithoutFactor>,
    Body(body): Body<PasswordAgainBody>,
) -> Result<Json<Confirmation>> {
    let permit: Permit<AnyLogin> = permit.into();
    let shown = login::read_again(&core, &permit, ("password", body.password), ("code", body.code)).await?;
    let until = core.run(async |tx| login::confirm(tx, &core.clock, &permit, shown).await).await?;
    Ok(Json(Confirmation { until }))
}

/// End every session of the own login
///
/// On all its devices; API tokens stay.
#[utoipa::path(post, path = "/me/sessions/end", tag = "people",
    responses((status = 204, description = "They are over"), Problems))]
async fn end_sessions(State(core): State<Core>, permit: Permit<AnyLogin>) -> Result<StatusCode> {
    core.run(async |tx| login::end_everywhere(tx, &core.clock, &permit).await).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whoever calls.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Me {
    /// `user` or `device`.
    #[schema(example = "user")]
    kind: &'static str,
    /// The user's or the device's id.
    id: Uuid,
    /// The login's name, or the phone's.
    name: String,
    /// The person's name; null for a phone, and where it was not told.
    full_name: Option<String>,
    /// The user's role; null for a phone.
    role: Option<Role>,
    /// The area whose subtree the login is confined to; null: the whole ward.
    area_id: Option<AreaId>,
    /// The points the caller is confined to. Empty: all, except for volunteers and phones.
    point_ids: Vec<PointId>,
}

impl Me {
    fn of(staff: &Staff) -> Self {
        Self {
            kind: "user",
            id: staff.id.0,
            name: staff.username.clone(),
            full_name: staff.full_name.clone(),
            role: Some(staff.role),
            area_id: staff.area_id,
            point_ids: staff.point_ids.clone(),
        }
    }
}

/// Who the token belongs to
#[utoipa::path(get, path = "/me", tag = "people",
    responses((status = 200, description = "The caller", body = Me), Problems))]
async fn me(caller: Caller) -> Json<Me> {
    let id = caller.id();
    Json(match caller {
        Caller::Staff(staff) => Me::of(&staff),
        Caller::Device(device) => {
            let (name, point_ids) = (device.name, device.point_ids);
            Me { kind: "device", id, name, full_name: None, role: None, area_id: None, point_ids }
        }
    })
}
