//! The SQL of the setting that holds the set-up link.

use crate::db::{Conn, Tx};

/// The hash of the set-up token in force, hex.
pub async fn setup_hash(conn: &mut Conn) -> Result<Option<String>, sqlx::Error> {
    let row: Option<(String,)> =
        conn.sql("select value from settings where key = 'setup_token_hash'").optional().await?;
    Ok(row.map(|(value,)| value))
}

/// Puts a set-up token in force instead of any before it.
pub async fn put_setup_hash(tx: &mut Tx, hash: &str) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into settings (key, value) values ('setup_token_hash', $1)
         on conflict (key) do update set value = excluded.value",
    )
    .bind(hash.to_owned())
    .execute()
    .await
}

/// Uses the set-up token up; false when it was not in force.
pub async fn take_setup_hash(tx: &mut Tx, hash: &str) -> Result<bool, sqlx::Error> {
    let taken = tx
        .sql("delete from settings where key = 'setup_token_hash' and value = $1")
        .bind(hash.to_owned())
        .execute()
        .await?;
    Ok(taken == 1)
}
