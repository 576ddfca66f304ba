//! What a package is.

use serde::Serialize;

use crate::kernel::ids::{ItemId, PackageId};
use crate::kernel::{Dong, Moment, Quantity};

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
