//! The SQL of the settings: this deployment's id, the set-up link, and what other features keep there.

use crate::db::{Conn, Tx};
use crate::kernel::text_enum::text_enum;

text_enum! {
    /// A setting that is on or off.
    pub enum Switch {
        On = "on",
        Off = "off",
    }
}

/// This deployment's id, locked.
pub async fn instance_id(tx: &mut Tx) -> Result<Option<String>, sqlx::Error> {
    let row: Option<(String,)> =
        tx.sql("select value from settings where key = 'instance_id' {for update}").optional().await?;
    Ok(row.map(|(value,)| value))
}

/// Keeps this deployment's id, once.
pub async fn put_instance_id(tx: &mut Tx, id: &str) -> Result<u64, sqlx::Error> {
    tx.sql("insert into settings (key, value) values ('instance_id', $1)").bind(id.to_owned()).execute().await
}

/// A switch of another feature, by its key.
pub async fn value(conn: &mut Conn, key: &'static str) -> Result<Option<Switch>, sqlx::Error> {
    let row: Option<(Switch,)> = conn.sql("select value from settings where key = $1").bind(key).optional().await?;
    Ok(row.map(|(value,)| value))
}

/// Puts such a switch in force instead of any before it.
pub async fn put(tx: &mut Tx, key: &'static str, value: Switch) -> Result<u64, sqlx::Error> {
    tx.sql("insert into settings (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value")
        .bind(key)
        .bind(value)
        .execute()
        .await
}

/// The hash of the set-up token in force, hex.
pub async fn setup_hash(conn: &mut Conn) -> Result<Option<String>, sqlx::Error> {
    let row: Option<(String,)> =
        conn.sql("select value from settings where key = 'setup_token_hash'").optional().await?;
    Ok(row.map(|(value,)| value))
}

/// Puts a set-up token in force instead of any before it.
pub async fn put_setup_hash(tx: &mut Tx, hash: &str) -> Result<u64, sqlx::Error> {
    put_text(tx, "setup_token_hash", hash).await
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

/// Which master secret the database was sealed with: its id.
pub async fn master_id(conn: &mut Conn) -> Result<Option<String>, sqlx::Error> {
    let row: Option<(String,)> = conn.sql("select value from settings where key = 'master_id'").optional().await?;
    Ok(row.map(|(value,)| value))
}

/// Keeps the id of the master secret.
pub async fn put_master_id(tx: &mut Tx, id: &str) -> Result<u64, sqlx::Error> {
    put_text(tx, "master_id", id).await
}

async fn put_text(tx: &mut Tx, key: &str, value: &str) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into settings (key, value) values ($1, $2)
         on conflict (key) do update set value = excluded.value",
    )
    .bind(key.to_owned())
    .bind(value.to_owned())
    .execute()
    .await
}
