//! What a package is, and what makes one.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::http::Result;
use crate::http::schemas::{Amount, Name, SomeQuantity};
use crate::kernel::ids::{ItemId, PackageId};
use crate::kernel::message::Invalid;
use crate::kernel::{Dong, Moment, Quantity, Validation};
use crate::places::parse_name;

/// Items that a package holds at most.
const MAX_ITEMS: usize = 100;

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

/// A package to register.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "Suất 10 kg gạo, 10 trứng", "value": 250_000, "items": [
    {"item_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "quantity": 10_000},
    {"item_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a91", "quantity": 10}]}))]
pub(super) struct NewPackageBody {
    /// 1 to 200 characters.
    #[schema(value_type = Name)]
    pub(super) name: String,
    /// What one package is worth, in đồng.
    #[schema(value_type = Amount)]
    pub(super) value: i64,
    /// 1 to 100 items, none twice.
    #[schema(min_items = 1, max_items = 100)]
    pub(super) items: Vec<NewPackageItem>,
}

/// One item of a package to register.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(super) struct NewPackageItem {
    /// The item.
    pub(super) item_id: ItemId,
    /// How much of it, in its smallest unit.
    #[schema(value_type = SomeQuantity)]
    pub(super) quantity: i64,
}

/// A package as it will stand: every field is what it may be, no item stands twice.
#[derive(Debug)]
pub struct NewPackage {
    pub name: String,
    pub value: Dong,
    pub items: Vec<(ItemId, Quantity)>,
}

impl NewPackage {
    /// All fields, or all that is wrong with them.
    pub(super) fn parse(body: NewPackageBody) -> Result<Self> {
        let mut fields = Validation::new();
        let name = fields.take("name", parse_name(&body.name));
        let value = fields.take("value", Dong::parse(body.value));
        fields.check("items", (1..=MAX_ITEMS).contains(&body.items.len()), || {
            Invalid::fixed("out_of_range", "Suất quà phải có từ 1 đến 100 mặt hàng.", "A package holds 1 to 100 items.")
        });
        let (mut items, mut seen) = (Vec::new(), HashSet::new());
        for (i, line) in body.items.iter().enumerate() {
            fields.check(&format!("items[{i}].item_id"), seen.insert(line.item_id), || {
                Invalid::fixed(
                    "repeated",
                    "Mặt hàng này đã có trong suất quà. Hãy cộng vào một dòng.",
                    "This item is in the package already. Add both up in one line.",
                )
            });
            let quantity = fields.take(&format!("items[{i}].quantity"), Quantity::parse_positive(line.quantity));
            items.extend(quantity.map(|quantity| (line.item_id, quantity)));
        }
        let (name, value) = fields.all((name, value))?;
        Ok(Self { name, value, items })
    }
}
