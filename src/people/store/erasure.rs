//! The SQL of erasing whoever had a login or carried a phone.

use crate::db::{Conn, Tx};
use crate::kernel::ids::{DeviceId, UserId};
use crate::kernel::{Clock, Moment};

/// A login as it is erased.
#[derive(Debug, sqlx::FromRow)]
pub struct StoredUser {
    pub username: String,
    pub full_name: Option<String>,
    pub role: String,
    pub created_at: Moment,
    pub disabled_at: Option<Moment>,
    pub erased_at: Option<Moment>,
}

/// A phone as it is erased.
#[derive(Debug, sqlx::FromRow)]
pub struct StoredDevice {
    pub name: String,
    pub volunteer: String,
    pub created_at: Moment,
    pub enrolled_at: Option<Moment>,
    pub revoked_at: Option<Moment>,
    pub last_seen_at: Option<Moment>,
    pub erased_at: Option<Moment>,
}

/// One login.
pub async fn user(conn: &mut Conn, id: UserId) -> Result<Option<StoredUser>, sqlx::Error> {
    conn.sql("select username, full_name, role, created_at, disabled_at, erased_at from users where id = $1")
        .bind(id)
        .optional()
        .await
}

/// One phone.
pub async fn device(conn: &mut Conn, id: DeviceId) -> Result<Option<StoredDevice>, sqlx::Error> {
    conn.sql(
        "select name, volunteer, created_at, enrolled_at, revoked_at, last_seen_at, erased_at from devices where id = $1",
    )
    .bind(id)
    .optional()
    .await
}

/// Locks a phone until the transaction ends.
pub async fn lock_device(tx: &mut Tx, id: DeviceId) -> Result<(), sqlx::Error> {
    let _: Option<(DeviceId,)> =
        tx.sql("select id from devices where id = $1 {for update}").bind(id).optional().await?;
    Ok(())
}

/// Leaves a login without a name, a password or a way in; what it did stays under its id.
pub async fn erase_user(tx: &mut Tx, clock: &Clock, id: UserId, username: String) -> Result<(), sqlx::Error> {
    let now = clock.now();
    tx.sql(
        "update users set username = $2, full_name = null, password_hash = null, erased_at = $3, disabled_at = coalesce(disabled_at, $3)
         where id = $1",
    )
    .bind(id)
    .bind(username)
    .bind(now)
    .execute()
    .await?;
    tx.sql("delete from recovery_codes where user_id = $1").bind(id).execute().await?;
    tx.sql("delete from second_factors where user_id = $1").bind(id).execute().await?;
    tx.sql("delete from sign_on_links where user_id = $1").bind(id).execute().await?;
    tx.sql("update tokens set revoked_at = coalesce(revoked_at, $2) where user_id = $1")
        .bind(id)
        .bind(now)
        .execute()
        .await?;
    Ok(())
}

/// Leaves a phone without the name of who carried it.
pub async fn erase_device(tx: &mut Tx, clock: &Clock, id: DeviceId, name: String) -> Result<u64, sqlx::Error> {
    tx.sql("update devices set name = $2, volunteer = '', erased_at = $3 where id = $1")
        .bind(id)
        .bind(name)
        .bind(clock.now())
        .execute()
        .await
}
