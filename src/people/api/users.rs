//! Logins and their tokens, for administrators.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::db::{Conn, ErrorKind, Tx, classify};
use crate::http::{
    Answer, Api, Body, Claim, Core, CreateBody, Error, Id, Listing, Page, Params, Problems, Result, given, routes,
};
use crate::kernel::ids::{AreaId, PointId, TokenId, UserId};
use crate::kernel::message::Invalid;
use crate::kernel::{Message, Moment, Validation};
use crate::people::audit::{self, Act};
use crate::people::caller::forget_believed;
use crate::people::store::users::{self, TokenRow, UserRow};
use crate::people::store::{self, NewUser, TokenKind};
use crate::people::{Right, Role, Staff, password};
use crate::vault::{new_token, token_hash};

/// Seconds of a day.
const DAY_SECS: i64 = 86_400;
/// Points that a login may be confined to at most.
const POINTS_MAX: usize = 100;

pub(super) fn router<A: Api>() -> A {
    A::new()
        .routes(routes!(create_user, list_users))
        .routes(routes!(get_user, change_user))
        .routes(routes!(create_token, list_tokens))
        .routes(routes!(revoke_token))
}

/// A login to make.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"username": "hoa.le", "role": "verifier", "area_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90",
    "password": "lá lành đùm lá rách"}))]
pub(in crate::people) struct NewUserBody {
    /// 2 to 60 letters without marks, digits, `.`, `-` and `_`.
    pub(in crate::people) username: String,
    /// What they may do.
    pub(in crate::people) role: Role,
    /// Confines the login to this area and all below it.
    pub(in crate::people) area_id: Option<AreaId>,
    /// Confines the login to these points. A volunteer without points may hand out nowhere.
    #[serde(default)]
    pub(in crate::people) point_ids: Vec<PointId>,
    /// 10 to 200 characters; without one the login has API tokens only.
    pub(in crate::people) password: Option<String>,
    /// Whether the pages ask for another password at the first login.
    #[serde(default)]
    pub(in crate::people) password_temporary: bool,
}

/// Make a login
#[utoipa::path(post, path = "/users", tag = "people", request_body = NewUserBody,
    responses((status = 201, description = "The login", body = UserView), Problems))]
pub(in crate::people) async fn create_user(
    State(core): State<Core>,
    staff: Staff,
    create: CreateBody<NewUserBody>,
) -> Result<Answer> {
    staff.require(Right::ManagePeople)?;
    let CreateBody { body, once } = create;
    let mut fields = Validation::new();
    let username = fields.take("username", store::parse_username(&body.username));
    let password = fields.take_optional("password", body.password, parse_password);
    check_points(&mut fields, &body.point_ids);
    fields.finish()?;
    let password_hash = match password {
        Some(password) => Some(password::hash_in_turn(password, &core.clock).await?),
        None => None,
    };
    let mut tx = match once.begin(&core, staff.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    require_area(&mut tx, body.area_id).await?;
    let point_ids = require_points(&mut tx, body.point_ids).await?;
    let username = username.unwrap_or_default();
    let new = NewUser { username, role: body.role, area_id: body.area_id, point_ids, password_hash };
    let id = store::insert_user(&mut tx, &core.clock, new).await.map_err(username_taken)?;
    if body.password_temporary {
        users::mark_temporary(&mut tx, id).await?;
    }
    let user = one_view(&mut tx, id).await?;
    let act = Act::on("create", "user", id.0).with(json!({ "role": body.role.name() }));
    audit::append(&mut tx, &core.clock, staff.actor(), act).await?;
    once.finish(&core, tx, staff.id.0, StatusCode::CREATED, &user).await
}

/// A login.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::people) struct UserView {
    /// Its id.
    pub(in crate::people) id: UserId,
    /// Its name.
    #[schema(example = "hoa.le")]
    pub(in crate::people) username: String,
    /// What it may do.
    #[schema(value_type = Role)]
    pub(in crate::people) role: String,
    /// The area whose subtree it is confined to; null: the whole ward.
    pub(in crate::people) area_id: Option<AreaId>,
    /// The points it is confined to. Empty: all, except for volunteers.
    pub(in crate::people) point_ids: Vec<PointId>,
    /// Whether it can log in with a password.
    pub(in crate::people) has_password: bool,
    /// When it was made.
    pub(in crate::people) created_at: Moment,
    /// When it was disabled; null while it works.
    pub(in crate::people) disabled_at: Option<Moment>,
}

async fn views(conn: &mut Conn, rows: Vec<UserRow>) -> Result<Vec<UserView>> {
    let ids: Vec<UserId> = rows.iter().map(|row| row.id).collect();
    let points = users::points_of(conn, &ids).await?;
    let view = |row: UserRow| UserView {
        point_ids: points.iter().filter(|(id, _)| *id == row.id).map(|(_, point_id)| *point_id).collect(),
        id: row.id,
        username: row.username,
        role: row.role,
        area_id: row.area_id,
        has_password: row.has_password,
        created_at: row.created_at,
        disabled_at: row.disabled_at,
    };
    Ok(rows.into_iter().map(view).collect())
}

async fn one_view(conn: &mut Conn, id: UserId) -> Result<UserView> {
    let row = users::one(conn, id).await?.ok_or(Error::NotFound)?;
    views(conn, vec![row]).await?.pop().ok_or(Error::NotFound)
}

/// All logins
#[utoipa::path(get, path = "/users", tag = "people", params(Page),
    responses((status = 200, description = "A page of logins, disabled ones too", body = Listing<UserView>), Problems))]
async fn list_users(
    State(core): State<Core>,
    staff: Staff,
    Params(page): Params<Page>,
) -> Result<Json<Listing<UserView>>> {
    staff.require(Right::ManagePeople)?;
    let cursor = page.cursor()?;
    let mut conn = core.db.read().await?;
    let rows = users::page(&mut conn, cursor).await?;
    let logins = views(&mut conn, rows).await?;
    Ok(Json(Listing::new(logins, cursor, |login| login.id.0)))
}

/// One login
#[utoipa::path(get, path = "/users/{id}", tag = "people", params(("id" = UserId, Path)),
    responses((status = 200, description = "The login", body = UserView), Problems))]
async fn get_user(State(core): State<Core>, staff: Staff, Id(id): Id<UserId>) -> Result<Json<UserView>> {
    staff.require(Right::ManagePeople)?;
    Ok(Json(one_view(&mut core.db.read().await?, id).await?))
}

/// What changes about a login; what is left out stays.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"role": "coordinator", "area_id": null, "disabled": false}))]
pub(in crate::people) struct UserChange {
    /// Another role.
    pub(in crate::people) role: Option<Role>,
    /// Another area; null: the whole ward.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<AreaId>)]
    pub(in crate::people) area_id: Option<Option<AreaId>>,
    /// Exactly these points from now on.
    pub(in crate::people) point_ids: Option<Vec<PointId>>,
    /// True ends the login and all its tokens at once; false lets it in again.
    pub(in crate::people) disabled: Option<bool>,
    /// Another password. Ends the login's sessions.
    pub(in crate::people) password: Option<String>,
    /// Whether the pages ask for another password at the next login.
    #[serde(default)]
    pub(in crate::people) password_temporary: bool,
}

impl UserChange {
    /// The names of the fields that change, for the audit log.
    fn names(&self) -> Vec<&'static str> {
        [
            ("role", self.role.is_some()),
            ("area_id", self.area_id.is_some()),
            ("point_ids", self.point_ids.is_some()),
            ("disabled", self.disabled.is_some()),
            ("password", self.password.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, given)| given.then_some(name))
        .collect()
    }
}

/// Change, disable or let in a login, or give it another password
///
/// Takes effect at once. The last administrator can't be disabled or given another role.
#[utoipa::path(patch, path = "/users/{id}", tag = "people", params(("id" = UserId, Path)), request_body = UserChange,
    responses((status = 200, description = "The login as it is now", body = UserView), Problems))]
pub(in crate::people) async fn change_user(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<UserId>,
    Body(change): Body<UserChange>,
) -> Result<Json<UserView>> {
    staff.require(Right::ManagePeople)?;
    let names = change.names();
    let mut fields = Validation::new();
    let password = fields.take_optional("password", change.password, parse_password);
    check_points(&mut fields, change.point_ids.as_deref().unwrap_or_default());
    fields.finish()?;
    let password_hash = match password {
        Some(password) => Some(password::hash_in_turn(password, &core.clock).await?),
        None => None,
    };
    let now = core.clock.now();
    let mut tx = core.db.begin().await?;
    let admins = users::lock_admins(&mut tx).await?;
    let before = users::one(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let stored_role = before.role.parse().map_err(|_| Error::internal("a stored role is unknown"))?;
    let role = change.role.unwrap_or(stored_role);
    let area_id = change.area_id.unwrap_or(before.area_id);
    let disabled_at = match change.disabled {
        Some(true) => before.disabled_at.or(Some(now)),
        Some(false) => None,
        None => before.disabled_at,
    };
    if admins == [id] && (role != Role::Admin || disabled_at.is_some()) {
        return Err(Error::conflict(
            "last_admin",
            "Đây là quản trị viên cuối cùng. Hãy tạo một quản trị viên khác trước.",
            "This is the last administrator. Make another one first.",
        ));
    }
    require_area(&mut tx, change.area_id.flatten()).await?;
    users::update(&mut tx, id, role, area_id, disabled_at).await?;
    if let Some(point_ids) = change.point_ids {
        let point_ids = require_points(&mut tx, point_ids).await?;
        users::set_points(&mut tx, id, &point_ids).await?;
    }
    if let Some(password_hash) = password_hash {
        users::set_password(&mut tx, id, password_hash, change.password_temporary).await?;
        users::revoke_sessions(&mut tx, id, now).await?;
    }
    let user = one_view(&mut tx, id).await?;
    let act = Act::on("update", "user", id.0).with(json!({ "fields": names }));
    audit::append(&mut tx, &core.clock, staff.actor(), act).await?;
    tx.commit().await?;
    forget_believed();
    Ok(Json(user))
}

/// A token to make.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"days": 30}))]
pub(in crate::people) struct NewTokenBody {
    /// Days until it ends, 1 to 3650; 365 when left out.
    pub(in crate::people) days: Option<i64>,
}

/// A new token.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub(in crate::people) struct NewToken {
    /// Its id, to revoke it by.
    pub(in crate::people) id: TokenId,
    /// The secret, shown this once.
    pub(in crate::people) token: String,
    /// When it ends.
    pub(in crate::people) expires_at: Moment,
}

/// Make an API token for a login
#[utoipa::path(post, path = "/users/{id}/tokens", tag = "people", params(("id" = UserId, Path)),
    request_body = NewTokenBody, responses((status = 201, description = "The token", body = NewToken), Problems))]
pub(in crate::people) async fn create_token(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<UserId>,
    create: CreateBody<NewTokenBody>,
) -> Result<Answer> {
    staff.require(Right::ManagePeople)?;
    let CreateBody { body, once } = create;
    let days = body.days.unwrap_or(365);
    let mut fields = Validation::new();
    fields.check("days", (1..=3650).contains(&days), || {
        Invalid::fixed("out_of_range", "Số ngày từ 1 đến 3650.", "Days are from 1 to 3650.")
    });
    fields.finish()?;
    let mut tx = match once.begin(&core, staff.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    let user = users::one(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if user.disabled_at.is_some() {
        return Err(Error::conflict(
            "user_disabled",
            "Tài khoản này đã bị khóa. Hãy mở lại trước khi cấp mã.",
            "This login is disabled. Let it in again first.",
        ));
    }
    let token = new_token(&core.clock);
    let expires_at = core.clock.now().plus_secs(days * DAY_SECS);
    let kind = TokenKind::Api;
    let token_id = store::insert_token(&mut tx, &core.clock, kind, id, token_hash(&token), expires_at).await?;
    let act = Act::on("create", "token", token_id.0).with(json!({ "user_id": id, "days": days }));
    audit::append(&mut tx, &core.clock, staff.actor(), act).await?;
    let answer = NewToken { id: token_id, token, expires_at };
    once.finish(&core, tx, staff.id.0, StatusCode::CREATED, &answer).await
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
async fn list_tokens(State(core): State<Core>, staff: Staff, Id(id): Id<UserId>) -> Result<Json<Tokens>> {
    staff.require(Right::ManagePeople)?;
    let mut conn = core.db.read().await?;
    users::one(&mut conn, id).await?.ok_or(Error::NotFound)?;
    Ok(Json(Tokens { items: users::tokens_of(&mut conn, id).await? }))
}

/// End a token or session at once
#[utoipa::path(post, path = "/tokens/{id}/revoke", tag = "people", params(("id" = TokenId, Path)),
    responses((status = 200, description = "The token as it is now", body = TokenRow), Problems))]
pub(in crate::people) async fn revoke_token(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<TokenId>,
) -> Result<Json<TokenRow>> {
    staff.require(Right::ManagePeople)?;
    let mut tx = core.db.begin().await?;
    let revoked = users::revoke_token(&mut tx, id, core.clock.now()).await?;
    let token = users::token(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if revoked == 1 {
        audit::append(&mut tx, &core.clock, staff.actor(), Act::on("revoke", "token", id.0)).await?;
    }
    tx.commit().await?;
    forget_believed();
    Ok(Json(token))
}

fn parse_password(text: String) -> std::result::Result<String, Invalid> {
    password::parse(&text)?;
    Ok(text)
}

fn check_points(fields: &mut Validation, points: &[PointId]) {
    fields.check("point_ids", points.len() <= POINTS_MAX, || {
        Invalid::fixed("out_of_range", "Chọn nhiều nhất 100 điểm.", "Choose 100 points at most.")
    });
}

/// The points that a scope names must exist; each is kept once.
pub(super) async fn require_points(tx: &mut Tx, mut points: Vec<PointId>) -> Result<Vec<PointId>> {
    points.sort_unstable();
    points.dedup();
    if users::unknown_points(tx, &points).await?.is_empty() {
        return Ok(points);
    }
    Err(Error::field(
        "point_ids",
        "unknown",
        Message::fixed(
            "Có điểm không tồn tại. Xem danh sách điểm rồi chọn lại.",
            "One of the points does not exist. See the list of points and choose again.",
        ),
    ))
}

async fn require_area(tx: &mut Tx, area_id: Option<AreaId>) -> Result<()> {
    match area_id {
        Some(area_id) if !users::area_exists(tx, area_id).await? => Err(Error::field(
            "area_id",
            "unknown",
            Message::fixed(
                "Không có khu vực này. Xem danh sách khu vực rồi chọn lại.",
                "There is no such area. See the list of areas and choose again.",
            ),
        )),
        _ => Ok(()),
    }
}

fn username_taken(error: sqlx::Error) -> Error {
    if classify(&error) == ErrorKind::Unique {
        return Error::field(
            "username",
            "taken",
            Message::fixed(
                "Tên đăng nhập này đã có. Hãy chọn tên khác.",
                "This username exists already. Choose another.",
            ),
        );
    }
    error.into()
}
