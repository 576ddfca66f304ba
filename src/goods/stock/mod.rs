//! The stock: an append-only ledger of entries, and the level of each lot at each point, which always is the ledger's
//! sum.
//!
//! Every change goes through a [`LockedStock`]: it locks the levels it is about to change, decides in memory, and writes
//! entries and levels in the caller's transaction. Goods are handed out and transferred first-expired-first and never
//! after their expiry; adjustments may also take what has expired. Levels never fall below zero, except that of the
//! *overdraft* lot, on which facts from offline phones beyond the stock are booked; it counts in every total, so what
//! was overdrawn is not handed out twice.
//!
//! An entry's `at` is when the goods moved: a donation typed in later than it was received stands on its day.

pub mod adjustments_api;
pub mod api;
pub mod counts_api;
pub mod level;
pub mod pages;
pub mod locked_stock;
pub mod store;
pub mod suggest;
pub mod transfers_api;

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use level::{Enough, StockFilter, StockLevel, levels};
pub use locked_stock::{Freshness, LockedStock, LotKey, Picked, PostingCause, Shortage};

use super::catalogue;
use super::catalogue::store::items_by_id;
use crate::db::Conn;
use crate::http::{Error, Result};
use crate::kernel::ids::ItemId;
use crate::kernel::{FieldError, Message, Quantity, Validation};

/// Lines that a transfer, adjustment or donation has at most.
pub const MAX_LINES: usize = 500;

/// Why stock changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EntryReason)]
pub enum Reason {
    /// Goods were given.
    Donation,
    /// Goods moved between two points.
    Transfer,
    /// Goods went bad.
    Spoiled,
    /// A stock take (kiểm kê) found more or less than the books.
    Counted,
    /// Goods were lost.
    Lost,
    /// Another reason, told in the note.
    Other,
    /// Handed out.
    Redemption,
    /// A handing out was undone.
    Reversal,
}

impl Reason {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Donation => "donation",
            Self::Transfer => "transfer",
            Self::Spoiled => "spoiled",
            Self::Counted => "counted",
            Self::Lost => "lost",
            Self::Other => "other",
            Self::Redemption => "redemption",
            Self::Reversal => "reversal",
        }
    }

    /// All reasons, in the order people read them.
    pub const ALL: [Self; 8] = [
        Self::Donation,
        Self::Transfer,
        Self::Redemption,
        Self::Reversal,
        Self::Spoiled,
        Self::Lost,
        Self::Counted,
        Self::Other,
    ];

    /// What screens call it.
    pub const fn say(self) -> Message {
        match self {
            Self::Donation => Message::fixed("Nhập kho ủng hộ", "Donated"),
            Self::Transfer => Message::fixed("Chuyển kho", "Transferred"),
            Self::Spoiled => Message::fixed("Hàng hỏng", "Spoiled"),
            Self::Counted => Message::fixed("Kiểm kê", "Stock take"),
            Self::Lost => Message::fixed("Thất lạc", "Lost"),
            Self::Other => Message::fixed("Lý do khác", "Another reason"),
            Self::Redemption => Message::fixed("Phát quà", "Handed out"),
            Self::Reversal => Message::fixed("Hoàn lại lượt phát", "Handing out undone"),
        }
    }
}

impl FromStr for Reason {
    type Err = ();

    fn from_str(name: &str) -> std::result::Result<Self, ()> {
        Self::ALL.into_iter().find(|reason| reason.name() == name).ok_or(())
    }
}

/// A quantity of one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The item.
    pub item_id: ItemId,
    /// How much, in its smallest unit.
    pub quantity: Quantity,
}

/// What a shortage says: one field error per line, naming the item, what was wanted and what is there.
pub async fn shortage(conn: &mut Conn, shorts: &[Shortage]) -> Result<Error> {
    let ids: Vec<ItemId> = shorts.iter().map(|short| short.item_id).collect();
    let items = items_by_id(conn, &ids).await?;
    let errors = shorts.iter().map(|short| {
        let item = items.get(&short.item_id);
        let name = item.map_or("", |item| item.name.as_str());
        let amount = |quantity| item.map_or_else(String::new, |item| item.amount(quantity));
        let (wanted, there) = (amount(short.wanted), amount(short.available));
        let say = Message::new(
            format!(
                "{name}: cần {wanted} nhưng ở đây chỉ còn {there} dùng được. Hãy giảm số lượng hoặc chuyển thêm hàng đến."
            ),
            format!(
                "{name}: {wanted} wanted, but only {there} fit for use is here. Take less, or bring more here first."
            ),
        );
        FieldError::new(format!("lines[{}].quantity", short.line), "not_enough", say)
    });
    Ok(Error::Invalid(errors.collect()))
}

/// Refuses lines that name unknown items; `lines[i].item_id` is named.
pub async fn require_items(conn: &mut Conn, lines: &[Line]) -> Result<()> {
    let ids: Vec<ItemId> = lines.iter().map(|line| line.item_id).collect();
    let known = items_by_id(conn, &ids).await?;
    let mut fields = Validation::new();
    for (i, id) in ids.iter().enumerate() {
        fields.check(&format!("lines[{i}].item_id"), known.contains_key(id), catalogue::items_api::unknown_item);
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
    pub expires_on: String,
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
