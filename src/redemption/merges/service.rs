//! Merging a household into another, with the vouchers of both.

use super::store;
use crate::db::Tx;
use crate::households::{self, Household, Merge, shown_after};
use crate::http::{Core, Error, Result};
use crate::people::Permit;
use crate::people::rights::WriteHouseholds;
use crate::vouchers;

/// Merges a household into another, and hands its vouchers on where the other has none in the round; the one that stays.
pub async fn merge(tx: &mut Tx, core: &Core, permit: &Permit<WriteHouseholds>, merge: Merge) -> Result<Household> {
    let (id, into) = (merge.id, merge.into);
    households::merge(tx, core, permit, merge).await?;
    if store::shared_rounds(tx, id, into).await? > 0 {
        return Err(Error::conflict(
            "both_hold_vouchers",
            "Hai hộ đều có phiếu trong cùng một đợt phát. Hủy phiếu chưa dùng của một hộ rồi gộp lại.",
            "Both hold a voucher of the same round. Void the unused one of them, then merge.",
        ));
    }
    vouchers::store::merges::hand_on(tx, id, into).await?;
    let live = core.clone();
    tx.after_commit(move || live.changed());
    shown_after(tx, core, permit, into).await
}
