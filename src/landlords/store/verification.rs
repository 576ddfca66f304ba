//! The SQL of the way from the pledge on: locked, verified, confirmed, rejected, withdrawn.

use serde::Serialize;

use crate::db::{Conn, ErrorKind, Tx, classify};
use crate::kernel::ids::{AreaId, ReductionId, RentLineId, RoomId, UserId};
use crate::kernel::{Moment, Month, Within};

/// Locks a reduction of these areas and its rooms until the transaction ends, always in this order; false when there is
/// none.
pub async fn lock(tx: &mut Tx, areas: &Within<AreaId>, id: ReductionId) -> Result<bool, sqlx::Error> {
    let found: Option<(ReductionId,)> = tx
        .sql("select id from rent_reductions where id = $1 and {in $2: area_id} {for update}")
        .bind(id)
        .within(areas)
        .optional()
        .await?;
    if found.is_none() {
        return Ok(false);
    }
    let _: Vec<(RoomId,)> = tx
        .sql(
            "select id from rooms where id in (select room_id from rent_lines where reduction_id = $1)
             order by id {for update}",
        )
        .bind(id)
        .all()
        .await?;
    Ok(true)
}

/// Room-months of a reduction that another one counts already, at most 20: label and month.
pub async fn counted_elsewhere(conn: &mut Conn, id: ReductionId) -> Result<Vec<(String, Month)>, sqlx::Error> {
    conn.sql(
        "select m.label, n.month from rent_lines n join rooms m on m.id = n.room_id
         join rent_lines o on o.room_id = n.room_id and o.month = n.month and o.counted and o.reduction_id <> $1
         where n.reduction_id = $1 order by n.month, m.label limit 20",
    )
    .bind(id)
    .all()
    .await
}

/// Pledged → verified; its lines count from now on. Whether it was pledged.
pub async fn verify(tx: &mut Tx, id: ReductionId, by: UserId, at: Moment) -> Result<bool, sqlx::Error> {
    let moved = tx
        .sql(
            "update rent_reductions set status = 'verified', verified_by = $2, verified_at = $3, updated_at = $3
             where id = $1 and status = 'pledged'",
        )
        .bind(id)
        .bind(by)
        .bind(at)
        .execute()
        .await?;
    if moved == 1 {
        tx.sql("update rent_lines set counted = true where reduction_id = $1").bind(id).execute().await?;
    }
    Ok(moved == 1)
}

/// Pledged or verified → rejected; its lines no longer count. Whether it was either.
pub async fn reject(tx: &mut Tx, id: ReductionId, by: UserId, at: Moment, reason: String) -> Result<bool, sqlx::Error> {
    let moved = tx
        .sql(
            "update rent_reductions set status = 'rejected', rejected_by = $2, rejected_at = $3, reject_reason = $4,
                 updated_at = $3
             where id = $1 and status in ('pledged', 'verified')",
        )
        .bind(id)
        .bind(by)
        .bind(at)
        .bind(reason)
        .execute()
        .await?;
    if moved == 1 {
        tx.sql("update rent_lines set counted = false where reduction_id = $1").bind(id).execute().await?;
    }
    Ok(moved == 1)
}

/// What was given in the end, where it differs from the pledge.
#[derive(Debug, Serialize)]
pub struct Given {
    pub id: RentLineId,
    /// Đồng, from nothing to the rent.
    pub amount: i64,
}

/// Verified → confirmed, as pledged but for `given`; a line of nothing no longer counts. Whether it was verified.
pub async fn confirm(
    tx: &mut Tx,
    id: ReductionId,
    by: UserId,
    at: Moment,
    given: &[Given],
) -> Result<bool, sqlx::Error> {
    let moved = tx
        .sql(
            "update rent_reductions set status = 'confirmed', confirmed_by = $2, confirmed_at = $3, updated_at = $3
             where id = $1 and status = 'verified'",
        )
        .bind(id)
        .bind(by)
        .bind(at)
        .execute()
        .await?;
    if moved == 1 {
        tx.sql("update rent_lines set confirmed = reduced where reduction_id = $1").bind(id).execute().await?;
        tx.sql(
            "update rent_lines set confirmed = r.amount, counted = (r.amount > 0)
             from rows($1: id uuid, amount bigint) as r where rent_lines.id = r.id and rent_lines.reduction_id = $2",
        )
        .bind_rows(given)
        .bind(id)
        .execute()
        .await?;
    }
    Ok(moved == 1)
}

/// Pledged → withdrawn by the landlord. Whether it was pledged.
pub async fn withdraw(tx: &mut Tx, id: ReductionId, at: Moment) -> Result<bool, sqlx::Error> {
    let moved = tx
        .sql(
            "update rent_reductions set status = 'withdrawn', withdrawn_at = $2, updated_at = $2
             where id = $1 and status = 'pledged'",
        )
        .bind(id)
        .bind(at)
        .execute()
        .await?;
    Ok(moved == 1)
}

/// Whether an error says that a room's month is counted elsewhere.
pub fn is_counted_elsewhere(error: &sqlx::Error) -> bool {
    classify(error) == ErrorKind::Unique
}
