//! Merging a household into another, with the vouchers of both.

use super::store;
use crate::households::{self, Household, MergeBody, shown};
use crate::http::{Core, Error, Result};
use crate::kernel::ids::HouseholdId;
use crate::people::Staff;
use crate::vouchers;

/// Merges a household into another, and hands its vouchers on where the other has none in the round.
pub async fn merge(core: &Core, staff: &Staff, id: HouseholdId, body: MergeBody) -> Result<Household> {
    let mut tx = core.db.begin().await?;
    let stays = households::merge(&mut tx, core, staff, id, &body).await?;
    if store::shared_rounds(&mut tx, id, stays.id).await? > 0 {
        return Err(Error::conflict(
            "both_hold_vouchers",
            "Hai hộ đều có phiếu trong cùng một đợt phát. Hủy phiếu chưa dùng của một hộ rồi gộp lại.",
            "Both hold a voucher of the same round. Void the unused one of them, then merge.",
        ));
    }
    vouchers::store::merges::hand_on(&mut tx, id, stays.id).await?;
    tx.commit().await?;
    core.changed();
    shown(core, staff, vec![stays]).await?.pop().ok_or(Error::NotFound)
}
