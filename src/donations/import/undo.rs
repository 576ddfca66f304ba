//! Taking a stored list of donors back: its donations go, and the goods that they brought leave the stock again.

use std::collections::HashSet;

use serde::Serialize;
use uuid::Uuid;

use super::{Donations, store};
use crate::db::Tx;
use crate::http::{Core, Error, Result};
use crate::imports::undo::ListUndo;
use crate::inventory::store::catalogue::items_by_id;
use crate::inventory::store::ledger;
use crate::inventory::{LockedStock, LotKey, PostingCause, Reason};
use crate::kernel::ids::{DonationId, ImportId, ItemId};
use crate::kernel::{Message, Quantity};
use crate::people::Permit;
use crate::people::rights::WriteGoods;

/// Items named of those that are no longer there.
const NAMED: usize = 5;

/// What taking a list back did.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DonationImportUndone)]
pub struct Undone {
    /// Donations that are no longer there.
    pub removed: u64,
}

/// Goods of a list that are no longer where it put them: the item, and how much of it.
#[derive(Debug)]
pub struct Missing {
    item_id: ItemId,
    quantity: Quantity,
}

/// Removes what a list stored, while all that it brought is still where it came.
async fn remove(tx: &mut Tx, core: &Core, permit: &Permit<WriteGoods>, id: ImportId) -> Result<Undone> {
    let (donations, points): (Vec<_>, Vec<_>) = store::lock_donations(tx, id).await?.into_iter().unzip();
    let (stock, missing) = take_goods(tx, core, &donations).await?;
    if !missing.is_empty() {
        let named = named(tx, &missing).await?;
        return Err(Error::Conflict { code: "import_in_use", say: in_use(&named) });
    }
    points.into_iter().flatten().try_for_each(|point_id| permit.require_point(point_id))?;
    stock.write(tx, &core.clock).await?;
    Ok(Undone { removed: store::remove(tx, id).await? })
}

/// What keeps a list from being taken back: each item, and how much of it has moved on. Locks what it looks at, and
/// changes nothing.
pub async fn blockers(tx: &mut Tx, core: &Core, id: ImportId) -> Result<Vec<(String, String)>> {
    let (donations, _): (Vec<_>, Vec<_>) = store::lock_donations(tx, id).await?.into_iter().unzip();
    let (_, missing) = take_goods(tx, core, &donations).await?;
    named(tx, &missing).await
}

/// Takes what donations brought out of the lots they brought it into, still to be written; and what is missing there. The
/// ledger keeps both: what came and that it was taken back, at one moment, so that it never counts for any time.
async fn take_goods(tx: &mut Tx, core: &Core, donations: &[DonationId]) -> Result<(LockedStock, Vec<Missing>)> {
    let sources: Vec<Uuid> = donations.iter().map(|id| id.0).collect();
    let came = ledger::moved_by(tx, Reason::Donation, &sources).await?;
    let places: HashSet<_> = came.iter().map(|moved| (moved.point_id, moved.item_id)).collect();
    let places: Vec<_> = places.into_iter().collect();
    let mut stock = LockedStock::lock(tx, core.clock.today(), &places).await?;
    let mut missing = Vec::new();
    for moved in came {
        let lot = LotKey::from_columns(moved.expires_on, moved.overdraft);
        let cause = PostingCause { reason: Reason::Donation, source_id: moved.source_id, at: moved.at };
        if let Err(quantity) = stock.take_out(moved.point_id, moved.item_id, lot, moved.quantity, cause) {
            missing.push(Missing { item_id: moved.item_id, quantity });
        }
    }
    Ok((stock, missing))
}

/// Items with amounts: `Gạo`, `5 kg`.
async fn named(tx: &mut Tx, missing: &[Missing]) -> Result<Vec<(String, String)>> {
    let mut sums: Vec<(ItemId, i64)> = Vec::new();
    for Missing { item_id, quantity } in missing {
        match sums.iter_mut().find(|(known, _)| known == item_id) {
            Some((_, sum)) => *sum += quantity.0,
            None => sums.push((*item_id, quantity.0)),
        }
    }
    let ids: Vec<ItemId> = sums.iter().map(|(item_id, _)| *item_id).collect();
    let items = items_by_id(tx, &ids).await?;
    let name = |(item_id, sum): (ItemId, i64)| {
        let item = items.get(&item_id)?;
        Some((item.name.clone(), item.amount(Quantity(sum)).to_string()))
    };
    Ok(sums.into_iter().filter_map(name).collect())
}

fn in_use(named: &[(String, String)]) -> Message {
    let more = named.len().saturating_sub(NAMED);
    let list: Vec<String> = named.iter().take(NAMED).map(|(name, amount)| format!("{name}: {amount}")).collect();
    let list = list.join("; ");
    let (vi, en) = match more {
        0 => (String::new(), String::new()),
        more => (format!(" và {more} mặt hàng khác"), format!(" and {more} other items")),
    };
    Message::new(
        format!(
            "Không hoàn tác được cả danh sách: hàng đã nhập đã được chuyển đi, phát hoặc điều chỉnh ({list}{vi}). Hãy \
             chuyển hàng về, hoặc điều chỉnh tồn kho."
        ),
        format!(
            "The list can't be taken back as a whole: goods that it brought were moved, handed out or adjusted \
             ({list}{en}). Bring them back, or adjust the stock instead."
        ),
    )
}

impl ListUndo for Donations {
    type Undone = Undone;

    async fn undo(tx: &mut Tx, core: &Core, permit: &Permit<WriteGoods>, id: ImportId) -> Result<Undone> {
        remove(tx, core, permit, id).await
    }
}
