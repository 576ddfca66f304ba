//! The SQL of vouchers whose household is merged into another.

use crate::db::Tx;
use crate::kernel::ids::HouseholdId;

/// Hands a household's vouchers on to another, where that holds none in the round.
pub async fn hand_on(tx: &mut Tx, from: HouseholdId, to: HouseholdId) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update vouchers set household_id = $2 where household_id = $1 and not exists (
             select 1 from vouchers w where w.round_id = vouchers.round_id and w.household_id = $2
                 and w.status = 'issued' and vouchers.status = 'issued')",
    )
    .bind(from)
    .bind(to)
    .execute()
    .await
}
