//! The SQL of what vouchers tell of a household: why they were voided or reissued.

use crate::db::Tx;
use crate::kernel::ERASED_TEXT;
use crate::kernel::ids::HouseholdId;

/// Takes the reasons out of the vouchers of a household and of those merged into it.
pub async fn erase(tx: &mut Tx, id: HouseholdId) -> Result<u64, sqlx::Error> {
    let voided = tx
        .sql(
            "update vouchers set void_reason = $2
             where void_reason is not null
                 and household_id in (select h.id from households h where h.id = $1 or h.merged_into = $1)",
        )
        .bind(id)
        .bind(ERASED_TEXT.to_owned())
        .execute()
        .await?;
    let replaced = tx
        .sql(
            "update replaced_papers set reason = $2
             where voucher_id in (
                 select v.id from vouchers v join households h on h.id = v.household_id
                 where h.id = $1 or h.merged_into = $1)",
        )
        .bind(id)
        .bind(ERASED_TEXT.to_owned())
        .execute()
        .await?;
    Ok(voided + replaced)
}
