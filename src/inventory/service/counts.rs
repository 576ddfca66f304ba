//! What was counted at a point becomes one adjustment, which brings the books to it.

use super::adjustments::book;
use crate::db::Tx;
use crate::http::{Core, Error, Result};
use crate::inventory::adjustment::{Adjustment, NewAdjustment};
use crate::inventory::count::NewCount;
use crate::inventory::lines::require_items;
use crate::inventory::locked_stock::LockedStock;
use crate::inventory::reason::AdjustmentReason;
use crate::kernel::ids::ItemId;
use crate::people::Permit;
use crate::people::rights::MoveStock;
use crate::places::require_point;

/// Books a stock take; 409 when goods moved since the books were looked at. The adjustment has no lines when everything
/// was there.
pub async fn create(tx: &mut Tx, core: &Core, permit: &Permit<MoveStock>, count: NewCount) -> Result<Adjustment> {
    let point_id = count.point_id;
    require_point(tx, &permit.scope.points, "point_id", point_id).await?;
    let items: Vec<ItemId> = count.lines.iter().map(|line| line.item_id).collect();
    require_items(tx, &items).await?;
    let places: Vec<_> = items.into_iter().map(|item_id| (point_id, item_id)).collect();
    let shelf = LockedStock::lock(tx, core.clock.today(), &places).await?;
    if count.lines.iter().any(|line| shelf.on_hand(point_id, line.item_id) != line.book) {
        return Err(Error::conflict(
            "stock_moved",
            "Hàng đã nhập hoặc xuất từ lúc xem sổ. Số trên sổ đã được cập nhật: hãy xem lại chênh lệch, đếm lại nếu cần.",
            "Goods moved since the books were looked at. Look at the differences again, and count again if needed.",
        ));
    }
    let lines = count.differences();
    let adjustment = NewAdjustment { point_id, reason: AdjustmentReason::Counted, note: count.note, lines };
    book(tx, core, permit, shelf, adjustment).await
}
