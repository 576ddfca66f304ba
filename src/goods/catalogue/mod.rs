//! The catalogue: items with their unit, and packages made of them.

pub mod item_pages;
pub mod items_api;
pub mod package_pages;
pub mod packages_api;
pub mod store;

use serde::Serialize;

use crate::kernel::ids::{ItemId, PackageId};
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::clean;
use crate::kernel::{Dong, Moment, Quantity};

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

/// A package (suất quà): what one voucher unit hands out.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Package {
    /// Its id.
    pub id: PackageId,
    /// Its number in the code on paper, 1 to 65535.
    #[schema(example = 1)]
    pub number: i64,
    /// Its name.
    #[schema(example = "Suất 10 kg gạo, 10 trứng")]
    pub name: String,
    /// What it is worth, in đồng.
    pub value: Dong,
    /// What is in it; never empty, no item twice.
    pub items: Vec<PackageItem>,
    /// When it was registered.
    pub created_at: Moment,
}

/// One item of a package.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct PackageItem {
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
    /// How much of it, in its smallest unit.
    pub quantity: Quantity,
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
