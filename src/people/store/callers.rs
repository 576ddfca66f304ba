//! The SQL of finding out who calls: the login or the phone of a token, and how far it reaches.

use crate::db::Conn;
use crate::kernel::Moment;
use crate::kernel::ids::{AreaId, DeviceId, PointId, TokenId, UserId};
use crate::people::Device;
use crate::people::role::Role;
use crate::people::scope::Scope;
use crate::people::staff::{Session, Staff};
use crate::people::store::places::{areas_below, points_below};
use crate::people::store::tokens::TokenKind;

#[derive(sqlx::FromRow)]
struct StaffRow {
    token_id: TokenId,
    kind: TokenKind,
    begun_at: Moment,
    expires_at: Moment,
    revoked_at: Option<Moment>,
    last_used_at: Option<Moment>,
    confirmed_at: Option<Moment>,
    id: UserId,
    username: String,
    full_name: Option<String>,
    role: Role,
    area_id: Option<AreaId>,
    password_temporary: bool,
    disabled_at: Option<Moment>,
    has_second_factor: bool,
    lacks_second_factor: bool,
}

/// What became of a token of staff.
#[derive(Debug)]
pub enum Standing {
    /// It is in force.
    InForce(Staff),
    /// A session that nobody used for long.
    Idle,
    /// It was revoked.
    Revoked(TokenId),
    /// It is out of date, or its login is disabled.
    Over,
}

/// The member of staff whose token this is.
pub async fn staff_by_token(conn: &mut Conn, token_hash: &[u8], now: Moment) -> Result<Option<Standing>, sqlx::Error> {
    let row: Option<StaffRow> = conn
        .sql(
            "select t.id as token_id, t.kind, t.created_at as begun_at, t.expires_at, t.revoked_at, t.last_used_at,
                 t.confirmed_at, u.id, u.username, u.full_name, u.role, u.area_id,
                 u.password_temporary, u.disabled_at,
                 f.confirmed_at is not null as has_second_factor,
                 f.confirmed_at is null and u.role in ('admin', 'coordinator')
                     and (u.password_hash is not null
                         or exists (select 1 from sign_on_links l where l.user_id = u.id and l.linked_at is not null))
                     and exists (select 1 from settings s where s.key = 'second_factor_required' and s.value = 'on')
                     as lacks_second_factor
             from tokens t join users u on u.id = t.user_id left join second_factors f on f.user_id = u.id
             where t.token_hash = $1",
        )
        .bind(token_hash.to_vec())
        .optional()
        .await?;
    let Some(row) = row else { return Ok(None) };
    if row.revoked_at.is_some() {
        return Ok(Some(Standing::Revoked(row.token_id)));
    }
    if row.expires_at <= now || row.disabled_at.is_some() {
        return Ok(Some(Standing::Over));
    }
    let session = Session {
        used_at: row.last_used_at.unwrap_or(row.begun_at),
        shown_at: row.confirmed_at.unwrap_or(row.begun_at),
    };
    let session = Some(session).filter(|_| row.kind == TokenKind::Session);
    if session.is_some_and(|session| session.is_idle(now)) {
        return Ok(Some(Standing::Idle));
    }
    let points: Vec<(PointId,)> =
        conn.sql("select point_id from user_points where user_id = $1").bind(row.id).all().await?;
    let point_ids: Vec<PointId> = points.into_iter().map(|(id,)| id).collect();
    let area = match row.area_id {
        None => None,
        Some(area_id) => Some((areas_below(conn, area_id).await?, points_below(conn, area_id).await?)),
    };
    let scope = Scope::resolve(row.role, &point_ids, area);
    Ok(Some(Standing::InForce(Staff {
        id: row.id,
        username: row.username,
        full_name: row.full_name,
        role: row.role,
        area_id: row.area_id,
        point_ids,
        scope,
        password_temporary: row.password_temporary,
        has_second_factor: row.has_second_factor,
        lacks_second_factor: row.lacks_second_factor,
        token_id: row.token_id,
        is_fresh: session.is_none_or(|session| session.is_fresh(now)),
        session,
    })))
}

/// A phone by a token of its own.
#[derive(Debug)]
pub struct ByToken {
    /// The phone, revoked or not.
    pub device: Device,
    /// Since when the token that it has is in use.
    pub since: Moment,
    /// Whether this is the token that follows that one.
    pub is_next: bool,
    /// Whether that one is followed.
    pub is_followed: bool,
}

/// The device whose token this is, or will be next.
pub async fn device_by_token(conn: &mut Conn, token_hash: &[u8]) -> Result<Option<ByToken>, sqlx::Error> {
    let row: Option<(DeviceId, String, Option<Moment>, Moment, bool, bool)> = conn
        .sql(
            "select id, name, revoked_at, coalesce(token_since, enrolled_at, created_at) as since,
                 token_hash <> $1 as is_next, next_token_hash is not null as is_followed
             from devices where token_hash = $1 or next_token_hash = $1",
        )
        .bind(token_hash.to_vec())
        .optional()
        .await?;
    let Some((id, name, revoked_at, since, is_next, is_followed)) = row else { return Ok(None) };
    let device = with_points(conn, Some((id, name, revoked_at))).await?;
    Ok(device.map(|device| ByToken { device, since, is_next, is_followed }))
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
