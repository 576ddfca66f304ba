//! Undoes a handover.

use serde_json::json;
use uuid::Uuid;

use super::store;
use crate::db::Tx;
use crate::http::{Core, Error, Result};
use crate::inventory;
use crate::inventory::{LockedStock, LotKey, PostingCause, Reason};
use crate::kernel::{Moment, Quantity};
use crate::people::audit::{self, Act};
use crate::people::rights::Redeem;
use crate::people::{Caller, Holder, Permit, Right};
use crate::redemption::leases;
use crate::redemption::reversal::view::ReversalView;
use crate::redemption::rules::{self, Undo};
use crate::redemption::scan::{Operator, fact_nonce_of};

/// Undoes a handover. Sent again, it answers the same and does nothing more.
pub async fn reverse(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<Redeem, Caller>,
    nonce: Uuid,
    reason: String,
) -> Result<ReversalView> {
    let by = Operator::from(&**permit);
    let (asked, fact) = (nonce, fact_nonce_of(nonce));
    let Some(handover) = store::lock_handover(tx, nonce, fact).await? else { return Err(Error::NotFound) };
    let nonce = handover.nonce;
    // Who neither handed it out nor looks after its point is told nothing of it.
    if handover.operator() != by.as_kept() && !permit.serves(handover.point_id) {
        return Err(Error::NotFound);
    }
    if handover.handover.is_none() {
        return Err(Error::conflict(
            "not_redeemed",
            "Lượt quét này bị từ chối, không có gì để hoàn tác.",
            "This scan was refused; there is nothing to undo.",
        ));
    }
    if let Some(done) = store::reversal(tx, nonce).await? {
        return Ok(ReversalView { nonce: asked, ..done });
    }
    let now = core.clock.now();
    let by_coordinator = permit.may(Right::Override);
    match rules::may_undo(by, by_coordinator, handover.operator(), handover.received_at, now) {
        Undo::Allowed => {}
        Undo::NotTheirs => return Err(Error::Forbidden),
        Undo::TooLate => {
            return Err(Error::conflict(
                "too_late",
                "Đã quá 15 phút. Hãy nhờ cán bộ phụ trách hoàn tác.",
                "More than 15 minutes have passed. Ask the coordinator to undo it.",
            ));
        }
    }
    store::insert(tx, nonce, &reason, by, now).await?;
    if let (Some(voucher_id), Some(device_id)) = (handover.voucher_id, handover.operator().device_id()) {
        leases::store::end_after_undo(tx, voucher_id, device_id, now).await?;
    }
    let returned = return_stock(tx, core, nonce, handover.received_at).await?;
    let act = Act::on("reverse", "redemption", nonce).with(json!({ "entries": returned }));
    audit::append(tx, &core.clock, permit.actor(), act).await?;
    let viewers = core.clone();
    tx.after_commit(move || viewers.changed());
    Ok(ReversalView { nonce: asked, reason, at: now })
}

/// Books the handover's entries back, lot by lot; how many there were.
async fn return_stock(tx: &mut Tx, core: &Core, nonce: Uuid, received_at: Moment) -> Result<usize> {
    let moved = inventory::store::ledger::moved_by_redemption(tx, nonce, received_at).await?;
    let places: Vec<_> = moved.iter().map(|moved| (moved.point_id, moved.item_id)).collect();
    let mut shelf = LockedStock::lock(tx, core.clock.today(), &places).await?;
    let cause = PostingCause { reason: Reason::Reversal, source_id: nonce, at: core.clock.now() };
    for moved in &moved {
        let lot = LotKey::from_columns(&moved.expires_on, moved.overdraft);
        shelf.put(moved.point_id, moved.item_id, lot, Quantity(-moved.quantity.0), cause);
    }
    shelf.write(tx, &core.clock).await?;
    Ok(moved.len())
}
