//! Logins and their tokens, for administrators.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::http::{
    Answer, Api, Body, Core, CreateBody, Id, IdempotencyKey, Listing, Page, Params, Problems, Result, routes,
};
use crate::kernel::ids::UserId;
use crate::people::Permit;
use crate::people::rights::{ChangePeople, ManagePeople};
use crate::people::service::users as service;
use crate::people::store::users;
use crate::people::user::{NewUser, NewUserBody, UserChangeBody};
use crate::people::user_view::{UserView, one_view, views};

pub fn router<A: Api>() -> A {
    A::new().routes(routes!(create_user, list_users)).routes(routes!(get_user, change_user))
}

/// Make a login
///
/// Whoever logged in with a password shows it again first (`POST /me/confirm`) when that is more than fifteen minutes ago;
/// so for every change of logins, API tokens and signing keys.
#[utoipa::path(post, path = "/users", tag = "people", params(IdempotencyKey), request_body = NewUserBody,
    responses((status = 201, description = "The login", body = UserView), Problems))]
async fn create_user(
    State(core): State<Core>,
    permit: Permit<ChangePeople>,
    create: CreateBody<NewUserBody>,
) -> Result<Answer> {
    let new = NewUser::parse(create.body, &core).await?;
    core.run_once(&create.once, permit.id.0, StatusCode::CREATED, async |tx| {
        service::create(tx, &core.clock, &permit, new).await
    })
    .await
}

/// All logins
#[utoipa::path(get, path = "/users", tag = "people", params(Page),
    responses((status = 200, description = "A page of logins, disabled ones too", body = Listing<UserView>), Problems))]
async fn list_users(
    State(core): State<Core>,
    _permit: Permit<ManagePeople>,
    Params(page): Params<Page>,
) -> Result<Json<Listing<UserView>>> {
    let cursor = page.cursor()?;
    let mut conn = core.db.read().await?;
    let rows = users::page(&mut conn, cursor).await?;
    let logins = views(&mut conn, rows).await?;
    Ok(Json(Listing::new(logins, cursor, |login| login.id.0)))
}

/// One login
#[utoipa::path(get, path = "/users/{id}", tag = "people", params(("id" = UserId, Path)),
    responses((status = 200, description = "The login", body = UserView), Problems))]
async fn get_user(
    State(core): State<Core>,
    _permit: Permit<ManagePeople>,
    Id(id): Id<UserId>,
) -> Result<Json<UserView>> {
    Ok(Json(one_view(&mut core.db.read().await?, id).await?))
}

/// Change, disable or let in a login, or give it another password
///
/// Takes effect at once. The last administrator can't be disabled or given another role.
#[utoipa::path(patch, path = "/users/{id}", tag = "people", params(("id" = UserId, Path)), request_body = UserChangeBody,
    responses((status = 200, description = "The login as it is now", body = UserView), Problems))]
async fn change_user(
    State(core): State<Core>,
    permit: Permit<ChangePeople>,
    Id(id): Id<UserId>,
    Body(body): Body<UserChangeBody>,
) -> Result<Json<UserView>> {
    let change = service::read_change(&core, id, body).await?;
    core.run(async |tx| service::change(tx, &core.clock, &permit, id, change).await).await.map(Json)
}
