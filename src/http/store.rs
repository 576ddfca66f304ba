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

/// Keeps an answer under a key that must be new.
pub(super) async fn keep_answer(
    tx: &mut Tx,
    actor: Uuid,
    key: String,
    answer: KeptAnswer,
    now: Moment,
) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into idempotency_keys (actor_id, key, request_hash, status, answer, created_at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(actor)
    .bind(key)
    .bind(answer.request_hash)
    .bind(answer.status)
    .bind(answer.sealed)
    .bind(now)
    .execute()
    .await
}
