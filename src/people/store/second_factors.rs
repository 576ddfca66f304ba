//! The SQL of second factors, their recovery codes, and whether the ward asks for them.

use crate::db::{Conn, Tx};
use crate::kernel::Moment;
use crate::kernel::ids::UserId;
use crate::people::store::settings::{self, Switch};

/// The setting that asks administrators and coordinators for a second factor; [`super::staff_by_token`] reads it too.
const REQUIRED: &str = "second_factor_required";

/// What is kept of a login's second factor.
#[derive(Debug, sqlx::FromRow)]
pub struct FactorRow {
    /// The secret in force.
    pub sealed: Option<Vec<u8>>,
    /// Since when.
    pub confirmed_at: Option<Moment>,
    /// The last time step that was taken.
    pub last_step: i64,
    /// The step of a code that was told to be of a wrong clock.
    pub told_step: Option<i64>,
    /// A secret of which no code was shown yet.
    pub pending: Option<Vec<u8>>,
    /// Since when it waits.
    pub pending_at: Option<Moment>,
}

/// A login's second factor, in force or pending.
pub async fn one(conn: &mut Conn, user_id: UserId) -> Result<Option<FactorRow>, sqlx::Error> {
    conn.sql(
        "select sealed, confirmed_at, last_step, told_step, pending, pending_at from second_factors where user_id = $1",
    )
    .bind(user_id)
    .optional()
    .await
}

/// Keeps a secret until a code of it is shown, in the place of one that waited.
pub async fn put_pending(tx: &mut Tx, user_id: UserId, sealed: Vec<u8>, now: Moment) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into second_factors (user_id, last_step, pending, pending_at) values ($1, 0, $2, $3)
         on conflict (user_id) do update set pending = excluded.pending, pending_at = excluded.pending_at",
    )
    .bind(user_id)
    .bind(sealed)
    .bind(now)
    .execute()
    .await
}

/// Puts the secret in force that waits since then; its code's step is taken with it.
pub async fn put_in_force(
    tx: &mut Tx,
    user_id: UserId,
    pending_at: Moment,
    step: i64,
    now: Moment,
) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update second_factors set sealed = pending, confirmed_at = $4, last_step = $3, told_step = null,
             pending = null, pending_at = null
         where user_id = $1 and pending_at = $2",
    )
    .bind(user_id)
    .bind(pending_at)
    .bind(step)
    .bind(now)
    .execute()
    .await
}

/// Takes a time step, once: of two that come with one code the second finds it taken.
pub async fn take_step(tx: &mut Tx, user_id: UserId, step: i64) -> Result<u64, sqlx::Error> {
    tx.sql("update second_factors set last_step = $2 where user_id = $1 and sealed is not null and last_step < $2")
        .bind(user_id)
        .bind(step)
        .execute()
        .await
}

/// Notes that a code of this step was told to be of a wrong clock.
pub async fn note_told(tx: &mut Tx, user_id: UserId, step: i64) -> Result<u64, sqlx::Error> {
    tx.sql("update second_factors set told_step = $2 where user_id = $1").bind(user_id).bind(step).execute().await
}

/// Takes a login's second factor away, with its recovery codes and what waits; how many there were.
pub async fn remove(tx: &mut Tx, user_id: UserId) -> Result<u64, sqlx::Error> {
    tx.sql("delete from recovery_codes where user_id = $1").bind(user_id).execute().await?;
    tx.sql("delete from second_factors where user_id = $1").bind(user_id).execute().await
}

/// Keeps the recovery codes of a pending secret, in the place of those of one that waited.
pub async fn put_recovery_codes(tx: &mut Tx, user_id: UserId, hashes: Vec<Vec<u8>>) -> Result<(), sqlx::Error> {
    tx.sql("delete from recovery_codes where user_id = $1 and not in_force").bind(user_id).execute().await?;
    for hash in hashes {
        tx.sql("insert into recovery_codes (code_hash, user_id, in_force) values ($1, $2, false)")
            .bind(hash)
            .bind(user_id)
            .execute()
            .await?;
    }
    Ok(())
}

/// Puts the waiting recovery codes in the place of those in force.
pub async fn put_recovery_codes_in_force(tx: &mut Tx, user_id: UserId) -> Result<u64, sqlx::Error> {
    tx.sql("delete from recovery_codes where user_id = $1 and in_force").bind(user_id).execute().await?;
    tx.sql("update recovery_codes set in_force = true where user_id = $1").bind(user_id).execute().await
}

/// Whether a recovery code of a login was used; nothing when it has none of this hash.
pub async fn recovery_code_used(conn: &mut Conn, user_id: UserId, hash: &[u8]) -> Result<Option<bool>, sqlx::Error> {
    let row: Option<(bool,)> = conn
        .sql(
            "select used_at is not null as used from recovery_codes
             where code_hash = $1 and user_id = $2 and in_force",
        )
        .bind(hash.to_vec())
        .bind(user_id)
        .optional()
        .await?;
    Ok(row.map(|(used,)| used))
}

/// Takes a recovery code, once.
pub async fn take_recovery_code(tx: &mut Tx, user_id: UserId, hash: &[u8], now: Moment) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update recovery_codes set used_at = $3
         where code_hash = $1 and user_id = $2 and in_force and used_at is null",
    )
    .bind(hash.to_vec())
    .bind(user_id)
    .bind(now)
    .execute()
    .await
}

/// How many recovery codes a login has left.
pub async fn recovery_codes_left(conn: &mut Conn, user_id: UserId) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) = conn
        .sql("select count(*) from recovery_codes where user_id = $1 and in_force and used_at is null")
        .bind(user_id)
        .one()
        .await?;
    Ok(count)
}

/// Whether administrators and coordinators must have a second factor.
pub async fn is_required(conn: &mut Conn) -> Result<bool, sqlx::Error> {
    Ok(settings::value(conn, REQUIRED).await? == Some(Switch::On))
}

/// Asks them for one, or no longer.
pub async fn put_required(tx: &mut Tx, required: bool) -> Result<u64, sqlx::Error> {
    settings::put(tx, REQUIRED, if required { Switch::On } else { Switch::Off }).await
}

/// The administrators and coordinators with a password and no second factor.
pub async fn without(conn: &mut Conn) -> Result<Vec<(UserId, String)>, sqlx::Error> {
    conn.sql(
        "select u.id, u.username from users u left join second_factors f on f.user_id = u.id
         where u.role in ('admin', 'coordinator') and u.disabled_at is null and f.confirmed_at is null
             and (u.password_hash is not null
                 or exists (select 1 from sign_on_links l where l.user_id = u.id and l.linked_at is not null))
         order by u.username limit 200",
    )
    .all()
    .await
}

/// Every secret, sealed: in force, pending.
pub async fn sealed(tx: &mut Tx) -> Result<Vec<(UserId, Option<Vec<u8>>, Option<Vec<u8>>)>, sqlx::Error> {
    tx.sql("select user_id, sealed, pending from second_factors").all().await
}

/// Puts a login's secrets under another seal.
pub async fn replace_sealed(
    tx: &mut Tx,
    user_id: UserId,
    sealed: Option<Vec<u8>>,
    pending: Option<Vec<u8>>,
) -> Result<u64, sqlx::Error> {
    tx.sql("update second_factors set sealed = $2, pending = $3 where user_id = $1")
        .bind(user_id)
        .bind(sealed)
        .bind(pending)
        .execute()
        .await
}
