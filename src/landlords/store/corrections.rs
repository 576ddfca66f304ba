//! The SQL of why pledges were corrected: beside the audit log, which no text can be taken out of.

use crate::db::{Conn, Tx};
use crate::kernel::Clock;
use crate::kernel::ids::ReductionId;

/// Keeps why a pledge was corrected.
pub async fn keep(
    tx: &mut Tx,
    clock: &Clock,
    id: ReductionId,
    reason: String,
    by: Option<uuid::Uuid>,
) -> Result<uuid::Uuid, sqlx::Error> {
    let correction = clock.uuid();
    tx.sql("insert into rent_corrections (id, reduction_id, reason, corrected_by, at) values ($1, $2, $3, $4, $5)")
        .bind(correction)
        .bind(id)
        .bind(reason)
        .bind(by)
        .bind(clock.now())
        .execute()
        .await?;
    Ok(correction)
}

/// Why a pledge was corrected, each time.
pub async fn of_reduction(conn: &mut Conn, id: ReductionId) -> Result<Vec<(uuid::Uuid, String)>, sqlx::Error> {
    conn.sql("select id, reason from rent_corrections where reduction_id = $1 order by id").bind(id).all().await
}
