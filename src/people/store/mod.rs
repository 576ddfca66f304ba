//! The SQL of users, tokens, sessions and devices.

pub mod audit;
pub mod devices;
pub mod settings;
pub mod users;

use super::caller::{Device, Staff};
use super::role::Role;
use super::scope::Scope;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{AreaId, DeviceId, PointId, TokenId, UserId};
use crate::kernel::message::Invalid;
use crate::kernel::{Clock, Moment};

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A script's or a program's.
    Api,
    /// A browser's session.
    Session,
}

impl TokenKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Session => "session",
        }
    }
}

/// A user to be made.
#[derive(Debug)]
pub struct NewUser {
    /// The login's name, unique.
    pub username: String,
    /// What they may do.
    pub role: Role,
    /// The area whose subtree they are confined to.
    pub area_id: Option<AreaId>,
    /// The points they are confined to.
    pub point_ids: Vec<PointId>,
    /// The stored form of the password; nothing: no login by password.
    pub password_hash: Option<String>,
}

/// Stores a user.
pub async fn insert_user(tx: &mut Tx, clock: &Clock, user: NewUser) -> Result<UserId, sqlx::Error> {
    let id = UserId::new(clock);
    tx.sql(
        "insert into users (id, username, role, area_id, password_hash, password_temporary, created_at)
         values ($1, $2, $3, $4, $5, false, $6)",
    )
    .bind(id)
    .bind(user.username)
    .bind(user.role.name())
    .bind(user.area_id)
    .bind(user.password_hash)
    .bind(clock.now())
    .execute()
    .await?;
    for point_id in user.point_ids {
        tx.sql("insert into user_points (user_id, point_id) values ($1, $2)").bind(id).bind(point_id).execute().await?;
    }
    Ok(id)
}

/// How many users there are that can log in.
pub async fn count_users(conn: &mut Conn) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) = conn.sql("select count(*) from users where disabled_at is null").one().await?;
    Ok(count)
}

/// A user's id and password hash by name.
pub async fn login_by_username(
    conn: &mut Conn,
    username: &str,
) -> Result<Option<(UserId, Option<String>)>, sqlx::Error> {
    conn.sql("select id, password_hash from users where username = $1 and disabled_at is null")
        .bind(username.to_owned())
        .optional()
        .await
}

/// Stores a token's hash.
pub async fn insert_token(
    tx: &mut Tx,
    clock: &Clock,
    kind: TokenKind,
    user_id: UserId,
    token_hash: Vec<u8>,
    expires_at: Moment,
) -> Result<TokenId, sqlx::Error> {
    let id = TokenId::new(clock);
    tx.sql(
        "insert into tokens (id, kind, user_id, token_hash, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id)
    .bind(kind.name())
    .bind(user_id)
    .bind(token_hash)
    .bind(clock.now())
    .bind(expires_at)
    .execute()
    .await?;
    Ok(id)
}

/// Ends a token.
pub async fn revoke_token(tx: &mut Tx, token_hash: &[u8], now: Moment) -> Result<u64, sqlx::Error> {
    tx.sql("update tokens set revoked_at = $1 where token_hash = $2 and revoked_at is null")
        .bind(now)
        .bind(token_hash.to_vec())
        .execute()
        .await
}

#[derive(sqlx::FromRow)]
struct StaffRow {
    id: UserId,
    username: String,
    role: String,
    area_id: Option<AreaId>,
    password_temporary: bool,
}

/// The member of staff whose valid token this is.
pub async fn staff_by_token(conn: &mut Conn, token_hash: &[u8], now: Moment) -> Result<Option<Staff>, sqlx::Error> {
    let row: Option<StaffRow> = conn
        .sql(
            "select u.id, u.username, u.role, u.area_id, u.password_temporary from tokens t join users u on u.id = t.user_id
             where t.token_hash = $1 and t.revoked_at is null and t.expires_at > $2 and u.disabled_at is null",
        )
        .bind(token_hash.to_vec())
        .bind(now)
        .optional()
        .await?;
    let Some(row) = row else { return Ok(None) };
    let points: Vec<(PointId,)> =
        conn.sql("select point_id from user_points where user_id = $1").bind(row.id).all().await?;
    let role = row.role.parse().map_err(|_| sqlx::Error::Protocol(format!("role {} is unknown", row.role)))?;
    let point_ids: Vec<PointId> = points.into_iter().map(|(id,)| id).collect();
    let area = match row.area_id {
        None => None,
        Some(area_id) => Some((areas_below(conn, area_id).await?, points_below(conn, area_id).await?)),
    };
    let scope = Scope::resolve(role, &point_ids, area);
    Ok(Some(Staff {
        id: row.id,
        username: row.username,
        role,
        area_id: row.area_id,
        point_ids,
        scope,
        password_temporary: row.password_temporary,
    }))
}

/// An area and all areas below it. Areas lie in the room above; what a login reaches is made of them.
pub async fn areas_below(conn: &mut Conn, area_id: AreaId) -> Result<Vec<AreaId>, sqlx::Error> {
    let rows: Vec<(AreaId,)> = conn
        .sql(
            "with recursive below (id) as (
                 select id from areas where id = $1
                 union
                 select a.id from areas a join below b on a.parent_id = b.id
             ) select id from below",
        )
        .bind(area_id)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// All points of an area and of the areas below it. Points lie in the room above.
async fn points_below(conn: &mut Conn, area_id: AreaId) -> Result<Vec<PointId>, sqlx::Error> {
    let rows: Vec<(PointId,)> = conn
        .sql(
            "with recursive below (id) as (
                 select id from areas where id = $1
                 union
                 select a.id from areas a join below b on a.parent_id = b.id
             ) select p.id from points p join below b on p.area_id = b.id",
        )
        .bind(area_id)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The device whose token this is, revoked or not.
pub async fn device_by_token(conn: &mut Conn, token_hash: &[u8]) -> Result<Option<Device>, sqlx::Error> {
    let row: Option<(DeviceId, String, Option<Moment>)> = conn
        .sql("select id, name, revoked_at from devices where token_hash = $1")
        .bind(token_hash.to_vec())
        .optional()
        .await?;
    with_points(conn, row).await
}

/// A phone as a caller, revoked or not.
pub async fn device(conn: &mut Conn, id: DeviceId) -> Result<Option<Device>, sqlx::Error> {
    let row: Option<(DeviceId, String, Option<Moment>)> =
        conn.sql("select id, name, revoked_at from devices where id = $1").bind(id).optional().await?;
    with_points(conn, row).await
}

async fn with_points(
    conn: &mut Conn,
    row: Option<(DeviceId, String, Option<Moment>)>,
) -> Result<Option<Device>, sqlx::Error> {
    let Some((id, name, revoked_at)) = row else { return Ok(None) };
    let points: Vec<(PointId,)> =
        conn.sql("select point_id from device_points where device_id = $1").bind(id).all().await?;
    Ok(Some(Device { id, name, point_ids: points.into_iter().map(|(id,)| id).collect(), revoked_at }))
}

/// A login's name: 2 to 60 of letters, digits, `.`, `-`, `_`; kept in lower case.
pub fn parse_username(text: &str) -> Result<String, Invalid> {
    let name = text.trim().to_lowercase();
    let fine = (2..=60).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if fine {
        Ok(name)
    } else {
        Err(Invalid::fixed(
            "out_of_range",
            "Tên đăng nhập gồm 2 đến 60 chữ cái không dấu, chữ số, dấu chấm, gạch nối hoặc gạch dưới.",
            "A username has 2 to 60 letters without marks, digits, dots, hyphens or underscores.",
        ))
    }
}
