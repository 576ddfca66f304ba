//! Goods move from one point to another.

use crate::db::{Conn, Tx};
use crate::http::{Core, Error, Result};
use crate::inventory::lines::require_items;
use crate::inventory::locked_stock::{Freshness, LockedStock, PostingCause};
use crate::inventory::reason::Reason;
use crate::inventory::shortage::shortage;
use crate::inventory::store::numbers::{Numbered, take_numbers};
use crate::inventory::store::records;
use crate::inventory::transfer::{NewTransfer, Transfer};
use crate::kernel::Clock;
use crate::kernel::ids::{ItemId, TransferId};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::{MoveStock, ReadStock};
use crate::places::require_point;

/// Moves goods, first-expired-first; each keeps its expiry. All of them, or an error that names what is short.
pub async fn create(tx: &mut Tx, core: &Core, permit: &Permit<MoveStock>, new: NewTransfer) -> Result<Transfer> {
    require_point(tx, &permit.scope.points, "from_point_id", new.from_point_id).await?;
    require_point(tx, &permit.scope.points, "to_point_id", new.to_point_id).await?;
    let items: Vec<ItemId> = new.lines.iter().map(|line| line.item_id).collect();
    require_items(tx, &items).await?;
    let id = TransferId::new(&core.clock);
    move_goods(tx, &core.clock, id, &new).await?;
    let transfer = Transfer {
        id,
        number: take_numbers(tx, Numbered::Transfer, 1).await?,
        from_point_id: new.from_point_id,
        to_point_id: new.to_point_id,
        lines: Vec::new(),
        created_by: Some(permit.id),
        created_at: core.clock.now(),
    };
    records::insert_transfer(tx, &transfer).await?;
    let transfer = records::transfer(tx, &permit.scope.points, id).await?.ok_or(Error::NotFound)?;
    audit::append(tx, &core.clock, permit.actor(), Act::on("create", "transfer", id.0)).await?;
    core.changed_after(tx);
    Ok(transfer)
}

async fn move_goods(tx: &mut Tx, clock: &Clock, id: TransferId, new: &NewTransfer) -> Result<()> {
    let (from, to) = (new.from_point_id, new.to_point_id);
    let places: Vec<_> = new.lines.iter().flat_map(|line| [(from, line.item_id), (to, line.item_id)]).collect();
    let mut shelf = LockedStock::lock(tx, clock.today(), &places).await?;
    let cause = PostingCause { reason: Reason::Transfer, source_id: id.0, at: clock.now() };
    match shelf.take(from, &new.lines, Freshness::Unexpired, cause) {
        Err(shorts) => return Err(shortage(tx, &shorts).await?),
        Ok(taken) => taken.iter().for_each(|t| shelf.put(to, t.item_id, t.lot, t.quantity, cause)),
    }
    Ok(shelf.write(tx, clock).await?)
}

/// A transfer that touches a point within reach; that there is another is nobody's to know.
pub async fn reachable(conn: &mut Conn, permit: &Permit<ReadStock>, id: TransferId) -> Result<Transfer> {
    records::transfer(conn, &permit.scope.points, id).await?.ok_or(Error::NotFound)
}
