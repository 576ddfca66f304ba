//! What an item is.

use serde::Serialize;

use crate::kernel::ids::ItemId;
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::clean;
use crate::kernel::{Moment, Quantity};

/// An item (mặt hàng). Its quantities are integers in 10^-`decimals` of its unit.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Item {
    /// Its id.
    pub id: ItemId,
    /// Its name.
    #[schema(example = "Gạo")]
    pub name: String,
    /// Its unit, in which people count it.
    #[schema(example = "kg")]
    pub unit: String,
    /// Digits after the comma, 0 to 6: 3 on a kg item means that quantities are grams.
    #[schema(example = 3)]
    pub decimals: i64,
    /// Whether it spoils within days.
    pub perishable: bool,
    /// At or below this quantity a point's stock is low; null when nobody watches it.
    pub low_stock: Option<Quantity>,
    /// When it was registered.
    pub created_at: Moment,
}

impl Item {
    /// A quantity of this item for people: `10,5 kg`.
    pub fn amount(&self, quantity: Quantity) -> String {
        format!("{} {}", quantity.in_unit(u8::try_from(self.decimals).unwrap_or(0)), self.unit)
    }
}

/// A unit of 1 to 30 characters.
pub fn parse_unit(text: &str) -> Result<String, Invalid> {
    let unit = clean(text);
    if (1..=30).contains(&unit.chars().count()) {
        Ok(unit)
    } else {
        Err(Invalid::fixed(
            "out_of_range",
            "Đơn vị tính dài từ 1 đến 30 ký tự, ví dụ kg, chai, thùng.",
            "A unit has 1 to 30 characters, for example kg, bottle, box.",
        ))
    }
}

/// What is said of a field that names no item.
pub fn unknown_item() -> Invalid {
    Invalid::fixed(
        "unknown",
        "Không có mặt hàng này. Xem danh sách mặt hàng rồi chọn lại.",
        "There is no such item. See the list of items and choose again.",
    )
}
