//! The SQL of kept answers.

use uuid::Uuid;

use crate::db::Tx;
use crate::kernel::Moment;

/// The kept answer of a create.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct KeptAnswer {
    /// Hash of the path and the body it answered.
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
