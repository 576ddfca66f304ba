//! The SQL of administering logins.

use serde::Serialize;

use crate::db::{Conn, Tx};
use crate::http::Cursor;
use crate::kernel::Moment;
use crate::kernel::ids::{AreaId, PointId, TokenId, UserId};
use crate::people::Role;

/// A login, as administrators see it.
#[derive(Debug, sqlx::FromRow)]
pub struct UserRow {
    /// Its id.
    pub id: UserId,
    /// Its name.
    pub username: String,
    /// Its role's name.
    pub role: String,
    /// The area it is confined to.
    pub area_id: Option<AreaId>,
    /// Whether it can log in with a password.
    pub has_password: bool,
    /// When it was made.
    pub created_at: Moment,
    /// When it was disabled.
    pub disabled_at: Option<Moment>,
}

/// An API token or a session, without its secret.
#[derive(Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct TokenRow {
    /// Its id.
    pub id: TokenId,
    /// `api`, or `session` for a login with a password.
    pub kind: String,
    /// When it was made.
    pub created_at: Moment,
    /// When it ends.
    pub expires_at: Moment,
    /// When it was revoked.
    pub revoked_at: Option<Moment>,
}

#[derive(Serialize)]
struct Asked<T> {
    id: T,
}

fn asked<T: Copy>(ids: &[T]) -> Vec<Asked<T>> {
    ids.iter().map(|id| Asked { id: *id }).collect()
}

/// One login.
pub async fn one(conn: &mut Conn, id: UserId) -> Result<Option<UserRow>, sqlx::Error> {
    conn.sql(
        "select id, username, role, area_id, password_hash is not null as has_password, created_at, disabled_at
         from users where id = $1",
    )
    .bind(id)
    .optional()
    .await
}

/// A page of logins.
pub async fn page(conn: &mut Conn, cursor: Cursor) -> Result<Vec<UserRow>, sqlx::Error> {
    conn.sql(
        "select id, username, role, area_id, password_hash is not null as has_password, created_at, disabled_at
         from users where id > $1 order by id limit $2",
    )
    .bind(cursor.after)
    .bind(cursor.fetch)
    .all()
    .await
}

/// The points that each of these logins is confined to.
pub async fn points_of(conn: &mut Conn, ids: &[UserId]) -> Result<Vec<(UserId, PointId)>, sqlx::Error> {
    conn.sql(
        "select p.user_id, p.point_id from rows($1: id uuid) as r
         join user_points p on p.user_id = r.id order by p.user_id, p.point_id",
    )
    .bind_rows(&asked(ids))
    .all()
    .await
}

/// The enabled administrators, locked in the order of their ids: whoever takes one away must know that another stays.
pub async fn lock_admins(tx: &mut Tx) -> Result<Vec<UserId>, sqlx::Error> {
    let rows: Vec<(UserId,)> = tx
        .sql("select id from users where role = 'admin' and disabled_at is null order by id {for update}")
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Whether any login was ever made.
pub async fn any(conn: &mut Conn) -> Result<bool, sqlx::Error> {
    let (count,): (i64,) = conn.sql("select count(*) from (select 1 as one from users limit 1) as u").one().await?;
    Ok(count > 0)
}

/// Gives a login its role, area and state.
pub async fn update(
    tx: &mut Tx,
    id: UserId,
    role: Role,
    area_id: Option<AreaId>,
    disabled_at: Option<Moment>,
) -> Result<u64, sqlx::Error> {
    tx.sql("update users set role = $2, area_id = $3, disabled_at = $4 where id = $1")
        .bind(id)
        .bind(role.name())
        .bind(area_id)
        .bind(disabled_at)
        .execute()
        .await
}

/// Gives a login another password; a temporary one must be changed by its owner first.
pub async fn set_password(tx: &mut Tx, id: UserId, password_hash: String, temporary: bool) -> Result<u64, sqlx::Error> {
    tx.sql("update users set password_hash = $2, password_temporary = $3 where id = $1")
        .bind(id)
        .bind(password_hash)
        .bind(temporary)
        .execute()
        .await
}

/// Notes that a login's password was chosen by somebody else.
pub async fn mark_temporary(tx: &mut Tx, id: UserId) -> Result<u64, sqlx::Error> {
    tx.sql("update users set password_temporary = true where id = $1").bind(id).execute().await
}

/// Confines a login to exactly these points.
pub async fn set_points(tx: &mut Tx, id: UserId, points: &[PointId]) -> Result<(), sqlx::Error> {
    tx.sql("delete from user_points where user_id = $1").bind(id).execute().await?;
    tx.sql("insert into user_points (user_id, point_id) select $1, r.id from rows($2: id uuid) as r")
        .bind(id)
        .bind_rows(&asked(points))
        .execute()
        .await?;
    Ok(())
}

/// Which of these points do not exist. Points lie in the room above; a login's scope must name real ones.
pub async fn unknown_points(conn: &mut Conn, points: &[PointId]) -> Result<Vec<PointId>, sqlx::Error> {
    let rows: Vec<(PointId,)> = conn
        .sql("select r.id from rows($1: id uuid) as r where not exists (select 1 from points p where p.id = r.id)")
        .bind_rows(&asked(points))
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Whether this area exists.
pub async fn area_exists(conn: &mut Conn, id: AreaId) -> Result<bool, sqlx::Error> {
    let (count,): (i64,) = conn.sql("select count(*) from areas where id = $1").bind(id).one().await?;
    Ok(count > 0)
}

/// The newest hundred tokens of a login.
pub async fn tokens_of(conn: &mut Conn, id: UserId) -> Result<Vec<TokenRow>, sqlx::Error> {
    conn.sql(
        "select id, kind, created_at, expires_at, revoked_at from tokens where user_id = $1
         order by id desc limit 100",
    )
    .bind(id)
    .all()
    .await
}

/// A login, as a table shows it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedUser {
    /// Its id.
    pub id: UserId,
    /// Its name.
    pub username: String,
    /// Its role's name.
    pub role: String,
    /// The name of the area it is confined to.
    pub area: Option<String>,
    /// How many points it is confined to.
    pub points: i64,
    /// Whether it can log in with a password.
    pub has_password: bool,
    /// When it was disabled.
    pub disabled_at: Option<Moment>,
    /// When it last logged in with its password.
    pub last_login_at: Option<Moment>,
}

/// Which logins are asked for.
#[derive(Debug, Default)]
pub struct UserFilter {
    /// Part of the name.
    pub name: Option<String>,
    /// One role's name.
    pub role: Option<String>,
    /// Disabled ones too.
    pub disabled: bool,
}

/// Logins by name.
pub async fn listed(
    conn: &mut Conn,
    filter: UserFilter,
    limit: i64,
    offset: i64,
) -> Result<Vec<ListedUser>, sqlx::Error> {
    conn.sql(
        "select u.id, u.username, u.role, a.name as area, u.password_hash is not null as has_password, u.disabled_at,
             (select count(*) from user_points p where p.user_id = u.id) as points,
             (select max(t.created_at) from tokens t where t.user_id = u.id and t.kind = 'session') as last_login_at
         from users u left join areas a on a.id = u.area_id
         where (u.disabled_at is null or $1)
           and (u.role = $2 or cast($2 as text) is null)
           and (u.username like '%' || $3 || '%' or cast($3 as text) is null)
         order by u.username limit $4 offset $5",
    )
    .bind(filter.disabled)
    .bind(filter.role)
    .bind(filter.name)
    .bind(limit)
    .bind(offset)
    .all()
    .await
}

/// Open areas by id with their names, each group's behind its neighbourhood's: what a login may be confined to. Areas
/// lie in the room above.
pub async fn areas(conn: &mut Conn) -> Result<Vec<(AreaId, String)>, sqlx::Error> {
    conn.sql(
        "select a.id, case when p.kind = 'neighbourhood' then p.name || ' › ' || a.name else a.name end as label
         from areas a left join areas p on p.id = a.parent_id
         where a.ends_on is null order by a.name_key, a.id limit 5000",
    )
    .all()
    .await
}

/// An area's name. Areas lie in the room above.
pub async fn area_name(conn: &mut Conn, id: AreaId) -> Result<Option<String>, sqlx::Error> {
    let row: Option<(String,)> = conn.sql("select name from areas where id = $1").bind(id).optional().await?;
    Ok(row.map(|(name,)| name))
}

/// Open points by id with their names. Points lie in the room above.
pub async fn points(conn: &mut Conn) -> Result<Vec<(PointId, String)>, sqlx::Error> {
    conn.sql("select id, name from points where closed_at is null order by kind, number limit 1000").all().await
}

/// One token.
pub async fn token(conn: &mut Conn, id: TokenId) -> Result<Option<TokenRow>, sqlx::Error> {
    conn.sql("select id, kind, created_at, expires_at, revoked_at from tokens where id = $1").bind(id).optional().await
}

/// Ends one token.
pub async fn revoke_token(tx: &mut Tx, id: TokenId, now: Moment) -> Result<u64, sqlx::Error> {
    tx.sql("update tokens set revoked_at = $2 where id = $1 and revoked_at is null").bind(id).bind(now).execute().await
}

/// Ends every session of a login.
pub async fn revoke_sessions(tx: &mut Tx, id: UserId, now: Moment) -> Result<u64, sqlx::Error> {
    tx.sql("update tokens set revoked_at = $2 where user_id = $1 and kind = 'session' and revoked_at is null")
        .bind(id)
        .bind(now)
        .execute()
        .await
}
