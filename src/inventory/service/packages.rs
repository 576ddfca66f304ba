//! Packages are registered; what a package is never changes, since papers carry its number.

use crate::db::{Conn, Tx};
use crate::http::{Error, Result};
use crate::inventory::item::unknown_item;
use crate::inventory::package::{NewPackage, Package};
use crate::inventory::store::catalogue;
use crate::kernel::ids::ItemId;
use crate::kernel::{Clock, Validation};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::WriteGoods;

/// Registers a package under the next number.
pub async fn create(tx: &mut Tx, clock: &Clock, permit: &Permit<WriteGoods>, new: NewPackage) -> Result<Package> {
    require_contents(tx, &new).await?;
    let id = catalogue::insert_package(tx, clock, new).await?.ok_or_else(|| {
        Error::conflict(
            "no_number_left",
            "Đã dùng hết 65.535 số của suất quà, không đăng ký thêm được.",
            "All 65,535 package numbers are used; no more can be registered.",
        )
    })?;
    audit::append(tx, clock, permit.actor(), Act::on("create", "package", id.0)).await?;
    catalogue::package(tx, id).await?.ok_or(Error::NotFound)
}

async fn require_contents(conn: &mut Conn, new: &NewPackage) -> Result<()> {
    let ids: Vec<ItemId> = new.items.iter().map(|(id, _)| *id).collect();
    let known = catalogue::items_by_id(conn, &ids).await?;
    let mut fields = Validation::new();
    for (i, id) in ids.iter().enumerate() {
        fields.check(&format!("items[{i}].item_id"), known.contains_key(id), unknown_item);
    }
    Ok(fields.finish()?)
}
