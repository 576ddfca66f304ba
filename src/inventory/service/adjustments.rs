//! Stock is adjusted to what is really there.

use crate::db::{Conn, Tx};
use crate::http::{Core, Error, Result};
use crate::inventory::adjustment::{Adjustment, NewAdjustment};
use crate::inventory::lines::{Line, require_items};
use crate::inventory::locked_stock::{Freshness, LockedStock, PostingCause};
use crate::inventory::shortage::{Shortage, shortage};
use crate::inventory::store::records;
use crate::kernel::Quantity;
use crate::kernel::ids::{AdjustmentId, ItemId, PointId};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::{MoveStock, ReadStock};
use crate::places::require_point;

/// Books what spoiled, was lost or found.
pub async fn create(tx: &mut Tx, core: &Core, permit: &Permit<MoveStock>, new: NewAdjustment) -> Result<Adjustment> {
    require_point(tx, &permit.scope.points, "point_id", new.point_id).await?;
    let items: Vec<ItemId> = new.lines.iter().map(|line| line.item_id).collect();
    require_items(tx, &items).await?;
    let places: Vec<_> = items.into_iter().map(|item_id| (new.point_id, item_id)).collect();
    let shelf = LockedStock::lock(tx, core.clock.today(), &places).await?;
    book(tx, core, permit, shelf, new).await
}

/// Books all lines on stock that is locked, what is added before what is taken; or none, with an error that names what
/// is short.
pub(super) async fn book(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<MoveStock>,
    mut shelf: LockedStock,
    new: NewAdjustment,
) -> Result<Adjustment> {
    let (id, now) = (AdjustmentId::new(&core.clock), core.clock.now());
    let cause = PostingCause { reason: new.reason.reason(), source_id: id.0, at: now };
    if let Err(shorts) = change(&mut shelf, new.point_id, &new.lines, cause) {
        return Err(shortage(tx, &shorts).await?);
    }
    shelf.write(tx, &core.clock).await?;
    let adjustment = Adjustment {
        id,
        point_id: new.point_id,
        reason: new.reason,
        note: new.note,
        lines: Vec::new(),
        created_by: Some(permit.id),
        created_at: now,
    };
    records::insert_adjustment(tx, &adjustment).await?;
    let adjustment = records::adjustment(tx, &permit.scope.points, id).await?.ok_or(Error::NotFound)?;
    audit::append(tx, &core.clock, permit.actor(), Act::on("create", "adjustment", id.0)).await?;
    core.changed_after(tx);
    Ok(adjustment)
}

/// Changes a locked shelf by all lines, or tells which of them are short.
fn change(
    shelf: &mut LockedStock,
    point_id: PointId,
    lines: &[Line],
    cause: PostingCause,
) -> std::result::Result<(), Vec<Shortage>> {
    for line in lines.iter().filter(|line| line.quantity.0 > 0) {
        shelf.put_found(point_id, *line, cause);
    }
    let (at, less): (Vec<usize>, Vec<Line>) = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.quantity.0 < 0)
        .map(|(i, line)| (i, Line { item_id: line.item_id, quantity: Quantity(-line.quantity.0) }))
        .unzip();
    shelf.take(point_id, &less, Freshness::Any, cause).map(drop).map_err(|mut shorts| {
        shorts.iter_mut().for_each(|short| short.line = at[short.line]);
        shorts
    })
}

/// An adjustment at a point within reach; that there is another is nobody's to know.
pub async fn reachable(conn: &mut Conn, permit: &Permit<ReadStock>, id: AdjustmentId) -> Result<Adjustment> {
    records::adjustment(conn, &permit.scope.points, id).await?.ok_or(Error::NotFound)
}
