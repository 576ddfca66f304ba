//! The SQL of kept answers and of the key that they are kept with.

use uuid::Uuid;

use crate::db::{Conn, Tx};
use crate::kernel::Moment;

/// The kept answer of a create.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct KeptAnswer {
    /// Keyed hash of the path and the body it answered.
    pub request_hash: Vec<u8>,
    /// Its HTTP status.
    pub status: i64,
    /// Its body, sealed.
    #[sqlx(rename = "answer")]
    pub sealed: Vec<u8>,
}

/// The answer kept under a key.
pub(super) async fn answer(tx: &mut Tx, actor: Uuid, key: &str) -> Result<Option<KeptAnswer>, sqlx::Error> {
    tx.sql("select request_hash, status, answer from idempotency_keys where actor_id = $1 and key = $2")
        .bind(actor)
        .bind(key.to_owned())
        .optional()
        .await
}

/// Claims a key, and tells whether it was free. Waits for a transaction in flight that claimed it.
pub(super) async fn claim(
    tx: &mut Tx,
    actor: Uuid,
    key: &str,
    request_hash: &[u8],
    now: Moment,
) -> Result<bool, sqlx::Error> {
    let claimed = tx
        .sql(
            "insert into idempotency_keys (actor_id, key, request_hash, status, answer, created_at)
             values ($1, $2, $3, 0, $4, $5) on conflict (actor_id, key) do nothing",
        )
        .bind(actor)
        .bind(key.to_owned())
        .bind(request_hash.to_vec())
        .bind(Vec::<u8>::new())
        .bind(now)
        .execute()
        .await?;
    Ok(claimed == 1)
}

/// Keeps the answer of the work that a key was claimed for.
pub(super) async fn keep_answer(
    tx: &mut Tx,
    actor: Uuid,
    key: &str,
    status: i64,
    sealed: Vec<u8>,
) -> Result<u64, sqlx::Error> {
    tx.sql("update idempotency_keys set status = $3, answer = $4 where actor_id = $1 and key = $2")
        .bind(actor)
        .bind(key.to_owned())
        .bind(status)
        .bind(sealed)
        .execute()
        .await
}

/// Empties every answer that is kept. Its key stays, so that nothing is done twice.
pub(super) async fn empty_answers(tx: &mut Tx) -> Result<u64, sqlx::Error> {
    tx.sql("update idempotency_keys set answer = $1 where status <> 0").bind(Vec::<u8>::new()).execute().await
}

/// Drops answers that were kept since before this, so many at most.
pub(super) async fn drop_answers(tx: &mut Tx, before: Moment, limit: i64) -> Result<u64, sqlx::Error> {
    tx.sql(
        "delete from idempotency_keys where (actor_id, key) in (
             select actor_id, key from idempotency_keys where created_at < $1 order by created_at limit $2)",
    )
    .bind(before)
    .bind(limit)
    .execute()
    .await
}

/// How many answers were kept since before this.
pub(super) async fn old_answers(conn: &mut Conn, before: Moment) -> Result<i64, sqlx::Error> {
    let (rows,): (i64,) =
        conn.sql("select count(*) from idempotency_keys where created_at < $1").bind(before).one().await?;
    Ok(rows)
}

/// The key that answers are kept with, sealed.
pub(super) async fn replay_key(conn: &mut Conn) -> Result<Option<Vec<u8>>, sqlx::Error> {
    let row: Option<(Vec<u8>,)> = conn.sql("select sealed from replay_key where id = 1").optional().await?;
    Ok(row.map(|(sealed,)| sealed))
}

/// Stores the key, unless there is one.
pub(super) async fn put_replay_key(tx: &mut Tx, sealed: Vec<u8>) -> Result<u64, sqlx::Error> {
    tx.sql("insert into replay_key (id, sealed) values (1, $1) on conflict (id) do nothing")
        .bind(sealed)
        .execute()
        .await
}

/// Puts the same key under another seal.
pub(super) async fn replace_replay_key(tx: &mut Tx, sealed: Vec<u8>) -> Result<u64, sqlx::Error> {
    tx.sql("update replay_key set sealed = $1 where id = 1").bind(sealed).execute().await
}
