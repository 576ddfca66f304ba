//! The SQL of merging households.

use crate::db::Tx;
use crate::kernel::Clock;
use crate::kernel::ids::HouseholdId;

/// Marks a household as merged, with those merged into it before. The reason goes into the merged one's note, where erasure
/// reaches it.
pub async fn merge(
    tx: &mut Tx,
    clock: &Clock,
    id: HouseholdId,
    into: HouseholdId,
    reason: String,
) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update households set status = 'merged', merged_into = $2, updated_at = $3,
             note = case when id = $1 then trim(note || ' ' || $4) else note end
         where id = $1 or (merged_into = $1 and status = 'merged')",
    )
    .bind(id)
    .bind(into)
    .bind(clock.now())
    .bind(reason)
    .execute()
    .await
}

/// Gives a household what it lacks of another's: phone, id number and year of birth.
pub async fn inherit(tx: &mut Tx, clock: &Clock, id: HouseholdId, from: HouseholdId) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update households set
             phone_sealed = coalesce(phone_sealed, (select o.phone_sealed from households o where o.id = $2)),
             phone_index = coalesce(phone_index, (select o.phone_index from households o where o.id = $2)),
             citizen_sealed = coalesce(citizen_sealed, (select o.citizen_sealed from households o where o.id = $2)),
             citizen_index = coalesce(citizen_index, (select o.citizen_index from households o where o.id = $2)),
             birth_year = coalesce(birth_year, (select o.birth_year from households o where o.id = $2)),
             updated_at = $3
         where id = $1",
    )
    .bind(id)
    .bind(from)
    .bind(clock.now())
    .execute()
    .await
}
