//! The SQL of what keeps two households apart.

use crate::db::Tx;
use crate::kernel::ids::HouseholdId;

/// Rounds in which both households hold an issued voucher, of which nothing was received on one at least.
pub async fn shared_rounds(tx: &mut Tx, a: HouseholdId, b: HouseholdId) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) = tx
        .sql(
            "select count(*) from vouchers v join vouchers w on w.round_id = v.round_id and w.status = 'issued'
             where v.household_id = $1 and w.household_id = $2 and v.status = 'issued'
                 and (not exists (select 1 from all_handovers h where h.voucher_id = v.id)
                     or not exists (select 1 from all_handovers h where h.voucher_id = w.id))",
        )
        .bind(a)
        .bind(b)
        .one()
        .await?;
    Ok(count)
}
