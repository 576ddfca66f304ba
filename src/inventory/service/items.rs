//! Items are registered and corrected.

use crate::db::Tx;
use crate::http::{Error, Result};
use crate::inventory::item::{Item, ItemChange, NewItem};
use crate::inventory::store::catalogue;
use crate::kernel::ids::ItemId;
use crate::kernel::{Clock, Message};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::WriteGoods;

/// Registers an item; 409 with the known one's id when there is one of this name and unit.
pub async fn create(tx: &mut Tx, clock: &Clock, permit: &Permit<WriteGoods>, new: NewItem) -> Result<Item> {
    let (name, unit) = (new.name.clone(), new.unit.clone());
    let Some(item) = catalogue::insert_item(tx, clock, new).await? else {
        let known = catalogue::item_named(tx, &name, &unit).await?;
        return Err(already_there(known.map_or_else(String::new, |item| item.id.to_string())));
    };
    audit::append(tx, clock, permit.actor(), Act::on("create", "item", item.id.0)).await?;
    Ok(item)
}

/// Corrects an item. Its decimals stay for good: quantities are counted by them.
pub(in crate::inventory) async fn change(
    tx: &mut Tx,
    clock: &Clock,
    permit: &Permit<WriteGoods>,
    id: ItemId,
    change: ItemChange,
) -> Result<Item> {
    let before = catalogue::item(tx, id).await?.ok_or(Error::NotFound)?;
    let state = NewItem::parse(change.of(before))?;
    let same = catalogue::item_named(tx, &state.name, &state.unit).await?;
    if let Some(other) = same.filter(|other| other.id != id) {
        return Err(already_there(other.id.to_string()));
    }
    catalogue::update_item(tx, id, state).await?;
    audit::append(tx, clock, permit.actor(), Act::on("update", "item", id.0)).await?;
    catalogue::item(tx, id).await?.ok_or(Error::NotFound)
}

fn already_there(id: String) -> Error {
    let say = Message::new(
        format!("Đã có mặt hàng cùng tên và đơn vị tính (id {id}). Hãy dùng mặt hàng đó."),
        format!("An item with this name and unit is there already (id {id}). Use that one."),
    );
    Error::Conflict { code: "item_exists", say }
}
