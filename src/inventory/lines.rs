//! Lines of transfers, adjustments and donations: so much of one item.

use serde::Serialize;
use uuid::Uuid;

use super::item::unknown_item;
use super::lot::Expiry;
use super::store::catalogue::items_by_id;
use crate::db::Conn;
use crate::http::Result;
use crate::kernel::ids::ItemId;
use crate::kernel::{Quantity, Validation};

/// Lines that a transfer, adjustment or donation has at most.
pub const MAX_LINES: usize = 500;

/// A quantity of one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    pub item_id: ItemId,
    /// How much, in its smallest unit.
    pub quantity: Quantity,
}

/// Refuses unknown items in lines; `lines[i].item_id` is named.
pub async fn require_items(conn: &mut Conn, ids: &[ItemId]) -> Result<()> {
    let known = items_by_id(conn, ids).await?;
    let mut fields = Validation::new();
    for (i, id) in ids.iter().enumerate() {
        fields.check(&format!("lines[{i}].item_id"), known.contains_key(id), unknown_item);
    }
    fields.finish()?;
    Ok(())
}

/// One moved quantity of a transfer or an adjustment, as the ledger has it.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct MovedLine {
    /// The transfer or adjustment.
    #[serde(skip)]
    pub source_id: Uuid,
    /// The item.
    pub item_id: ItemId,
    /// Its name.
    #[schema(example = "Gạo")]
    pub name: String,
    /// Its unit.
    #[schema(example = "kg")]
    pub unit: String,
    /// Digits after the comma of `quantity`.
    #[schema(example = 3)]
    pub decimals: i64,
    /// The lot's expiry day; empty when it has none.
    #[schema(value_type = String)]
    pub expires_on: Expiry,
    /// How much, in the item's smallest unit.
    pub quantity: Quantity,
}

impl MovedLine {
    /// What it is, in words: `12,5 kg Rau xanh`.
    pub fn amount(&self) -> String {
        let quantity = self.quantity.in_unit(u8::try_from(self.decimals).unwrap_or(0));
        format!("{quantity} {} {}", self.unit, self.name)
    }
}
