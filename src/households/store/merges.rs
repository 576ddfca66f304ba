//! The SQL of merging households.

use crate::db::Tx;
use crate::kernel::Clock;
use crate::kernel::ids::HouseholdId;

/// Marks a household as merged, with those merged into it before. `note` is the merged one's, sealed, with the reason: erasure
/// reaches it there.
pub async fn merge(
    tx: &mut Tx,
    clock: &Clock,
    id: HouseholdId,
    into: HouseholdId,
    note: Option<Vec<u8>>,
) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update households set status = 'merged', merged_into = $2, updated_at = $3,
             note_sealed = case when id = $1 then $4 else note_sealed end
         where id = $1 or (merged_into = $1 and status = 'merged')",
    )
    .bind(id)
    .bind(into)
    .bind(clock.now())
    .bind(note)
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
