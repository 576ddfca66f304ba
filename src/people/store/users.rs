//! The SQL of administering logins.

use crate::db::{Conn, Tx, id_rows};
use crate::http::Cursor;
use crate::kernel::ids::{AreaId, PointId, UserId};
use crate::kernel::{Clock, Moment};
use crate::people::NewUser;
use crate::people::role::Role;

/// A login, as administrators see it.
#[derive(Debug, sqlx::FromRow)]
pub struct UserRow {
    pub id: UserId,
    /// Its name.
    pub username: String,
    /// The person's name.
    pub full_name: Option<String>,
    pub role: Role,
    /// The area it is confined to.
    pub area_id: Option<AreaId>,
    /// Whether it can log in with a password.
    pub has_password: bool,
    /// When it was made.
    pub created_at: Moment,
    /// When it was disabled.
    pub disabled_at: Option<Moment>,
    /// Since when it is asked for a second factor.
    pub factor_since: Option<Moment>,
}

impl UserRow {
    /// What screens and papers call the person.
    pub fn name(&self) -> &str {
        self.full_name.as_deref().unwrap_or(&self.username)
    }
}

/// One login.
pub async fn one(conn: &mut Conn, id: UserId) -> Result<Option<UserRow>, sqlx::Error> {
    conn.sql(
        "select id, username, full_name, role, area_id, password_hash is not null as has_password, created_at, disabled_at,
             confirmed_at as factor_since
         from users left join second_factors on user_id = id where id = $1",
    )
    .bind(id)
    .optional()
    .await
}

/// A page of logins.
pub async fn page(conn: &mut Conn, cursor: Cursor) -> Result<Vec<UserRow>, sqlx::Error> {
    conn.sql(
        "select id, username, full_name, role, area_id, password_hash is not null as has_password, created_at, disabled_at,
             confirmed_at as factor_since
         from users left join second_factors on user_id = id where id > $1 order by id limit $2",
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
    .bind_rows(&id_rows(ids))
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

/// Locks logins, in the order of their ids.
pub async fn lock(tx: &mut Tx, ids: &[UserId]) -> Result<(), sqlx::Error> {
    let _: Vec<(UserId,)> = tx
        .sql("select u.id from users u where u.id in (select r.id from rows($1: id uuid) as r) order by u.id {for update of u}")
        .bind_rows(&id_rows(ids))
        .all()
        .await?;
    Ok(())
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
        .bind(role)
        .bind(area_id)
        .bind(disabled_at)
        .execute()
        .await
}

/// Gives a login another name, or none.
pub async fn set_full_name(tx: &mut Tx, id: UserId, full_name: Option<String>) -> Result<u64, sqlx::Error> {
    tx.sql("update users set full_name = $2 where id = $1").bind(id).bind(full_name).execute().await
}

/// Gives a login another password; a temporary one must be changed by its owner first.
pub async fn set_password(
    tx: &mut Tx,
    id: UserId,
    password_hash: String,
    temporary: bool,
    now: Moment,
) -> Result<u64, sqlx::Error> {
    tx.sql("update users set password_hash = $2, password_temporary = $3, password_set_at = $4 where id = $1")
        .bind(id)
        .bind(password_hash)
        .bind(temporary)
        .bind(now)
        .execute()
        .await
}

/// Confines a login to exactly these points.
pub async fn set_points(tx: &mut Tx, id: UserId, points: &[PointId]) -> Result<(), sqlx::Error> {
    tx.sql("delete from user_points where user_id = $1").bind(id).execute().await?;
    tx.sql("insert into user_points (user_id, point_id) select $1, r.id from rows($2: id uuid) as r")
        .bind(id)
        .bind_rows(&id_rows(points))
        .execute()
        .await?;
    Ok(())
}

/// A login, as a table shows it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedUser {
    pub id: UserId,
    /// Its name.
    pub username: String,
    /// The person's name.
    pub full_name: Option<String>,
    pub role: Role,
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
        "select u.id, u.username, u.full_name, u.role, a.name as area, u.password_hash is not null as has_password, u.disabled_at,
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

/// Stores a user.
pub async fn insert_user(tx: &mut Tx, clock: &Clock, user: NewUser) -> Result<UserId, sqlx::Error> {
    let id = UserId::new(clock);
    tx.sql(
        "insert into users (id, username, role, area_id, password_hash, password_temporary, created_at, password_set_at, full_name)
         values ($1, $2, $3, $4, $5, $6, $7, $7, $8)",
    )
    .bind(id)
    .bind(user.username)
    .bind(user.role)
    .bind(user.area_id)
    .bind(user.password_hash)
    .bind(user.password_temporary)
    .bind(clock.now())
    .bind(user.full_name)
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

/// A login, as its password is checked.
#[derive(Debug, sqlx::FromRow)]
pub struct LoginRow {
    pub id: UserId,
    /// The stored form of the password; nothing: no login by password.
    pub password_hash: Option<String>,
    /// Whether somebody else chose it.
    pub password_temporary: bool,
    /// When it was chosen.
    pub password_set_at: Moment,
    /// Whether a code is asked for beside it.
    pub has_second_factor: bool,
}

/// A login that is not disabled, by its name.
pub async fn login_by_username(conn: &mut Conn, username: &str) -> Result<Option<LoginRow>, sqlx::Error> {
    conn.sql(
        "select id, password_hash, password_temporary, coalesce(password_set_at, created_at) as password_set_at,
             confirmed_at is not null as has_second_factor
         from users left join second_factors on user_id = id where username = $1 and disabled_at is null",
    )
    .bind(username.to_owned())
    .optional()
    .await
}
