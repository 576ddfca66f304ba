//! The SQL of signing keys.

use crate::db::{Conn, Tx};
use crate::kernel::Moment;

/// A stored key without its secret half.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct KeyRow {
    /// 1 to 255.
    pub kid: i64,
    /// 32 bytes.
    pub public_key: Vec<u8>,
    /// When it was made.
    pub created_at: Moment,
    /// From when on it signs.
    pub active_from: Moment,
    /// From when on it signs no more.
    pub retired_at: Option<Moment>,
    /// Since when nothing that it signed counts.
    pub withdrawn_at: Option<Moment>,
}

/// Every key there ever was, at most 255.
pub async fn all(conn: &mut Conn) -> Result<Vec<KeyRow>, sqlx::Error> {
    conn.sql("select kid, public_key, created_at, active_from, retired_at, withdrawn_at from signing_keys order by kid")
        .all()
        .await
}

/// One key.
pub async fn one(conn: &mut Conn, kid: u8) -> Result<Option<KeyRow>, sqlx::Error> {
    conn.sql(
        "select kid, public_key, created_at, active_from, retired_at, withdrawn_at from signing_keys where kid = $1",
    )
    .bind(i64::from(kid))
    .optional()
    .await
}

/// Locks every key until the transaction ends: who changes which key signs goes one after another.
pub async fn lock_all(tx: &mut Tx) -> Result<Vec<(i64,)>, sqlx::Error> {
    tx.sql("select kid from signing_keys order by kid {for update}").all().await
}

/// The key that signs at a moment: its id and sealed seed. Shares a lock, so that it is not withdrawn under a
/// signer's hands.
pub async fn active(tx: &mut Tx, at: Moment) -> Result<Option<(i64, Vec<u8>)>, sqlx::Error> {
    tx.sql(
        "select kid, secret_sealed from signing_keys
         where active_from <= $1 and (retired_at is null or retired_at > $1) and withdrawn_at is null
         order by kid desc limit 1 {for share}",
    )
    .bind(at)
    .optional()
    .await
}

/// Lets the newest key that waits for its time sign at once; how many keys that were, 0 or 1.
pub async fn bring_forward(tx: &mut Tx, at: Moment) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update signing_keys set active_from = $1
         where kid = (select max(k.kid) from signing_keys k
             where k.active_from > $1 and k.retired_at is null and k.withdrawn_at is null)",
    )
    .bind(at)
    .execute()
    .await
}

/// The next id that was never used; above 255 there is none.
pub async fn next_kid(tx: &mut Tx) -> Result<i64, sqlx::Error> {
    let (kid,): (i64,) = tx.sql("select coalesce(max(kid), 0) + 1 from signing_keys").one().await?;
    Ok(kid)
}

/// Stores a key that was made and will sign at the given moments; false when its id was taken meanwhile.
pub async fn insert(
    tx: &mut Tx,
    kid: u8,
    public_key: [u8; 32],
    secret_sealed: Vec<u8>,
    (at, active_from): (Moment, Moment),
) -> Result<bool, sqlx::Error> {
    let inserted = tx
        .sql(
            "insert into signing_keys (kid, public_key, secret_sealed, created_at, active_from)
             values ($1, $2, $3, $4, $5) on conflict do nothing",
        )
        .bind(i64::from(kid))
        .bind(public_key.to_vec())
        .bind(secret_sealed)
        .bind(at)
        .bind(active_from)
        .execute()
        .await?;
    Ok(inserted == 1)
}

/// All other keys sign no more from a moment on.
pub async fn retire_others(tx: &mut Tx, kid: u8, at: Moment) -> Result<u64, sqlx::Error> {
    tx.sql("update signing_keys set retired_at = $2 where kid <> $1 and (retired_at is null or retired_at > $2)")
        .bind(i64::from(kid))
        .bind(at)
        .execute()
        .await
}

/// Nothing that this key signed counts any more.
pub async fn withdraw(tx: &mut Tx, kid: u8, reason: String, at: Moment) -> Result<u64, sqlx::Error> {
    tx.sql("update signing_keys set withdrawn_at = $2, withdraw_reason = $3 where kid = $1 and withdrawn_at is null")
        .bind(i64::from(kid))
        .bind(at)
        .bind(reason)
        .execute()
        .await
}

/// How many issued vouchers that are still good for something carry this key's signature.
pub async fn issued_with(conn: &mut Conn, kid: u8) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) = conn
        .sql(
            "select count(*) from voucher_state v
             where v.kid = $1 and v.status = 'issued' and v.remaining > 0",
        )
        .bind(i64::from(kid))
        .one()
        .await?;
    Ok(count)
}

/// How many issued vouchers that are still good for something carry each key's signature.
pub async fn issued_by_key(conn: &mut Conn) -> Result<Vec<(i64, i64)>, sqlx::Error> {
    conn.sql(
        "select v.kid, count(*) from voucher_state v where v.status = 'issued' and v.remaining > 0
         group by v.kid",
    )
    .all()
    .await
}

/// Every key's private half, sealed.
pub async fn secrets(tx: &mut Tx) -> Result<Vec<(i64, Vec<u8>)>, sqlx::Error> {
    tx.sql("select kid, secret_sealed from signing_keys order by kid").all().await
}

/// Puts a key's private half under another seal.
pub async fn replace_secret(tx: &mut Tx, kid: i64, sealed: Vec<u8>) -> Result<u64, sqlx::Error> {
    tx.sql("update signing_keys set secret_sealed = $2 where kid = $1").bind(kid).bind(sealed).execute().await
}
