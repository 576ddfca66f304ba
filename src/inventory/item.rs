//! What an item is, and what makes one.

use serde::{Deserialize, Serialize};

use crate::http::schemas::{AnyQuantity, Name, UnitName};
use crate::http::{Result, given};
use crate::kernel::ids::ItemId;
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::clean;
use crate::kernel::{Moment, Quantity, Validation};
use crate::places::parse_name;

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

/// An item to register.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "Gạo", "unit": "kg", "decimals": 3, "perishable": false, "low_stock": 50_000}))]
pub(super) struct NewItemBody {
    /// 1 to 200 characters.
    #[schema(value_type = Name)]
    pub(super) name: String,
    /// 1 to 30 characters.
    #[schema(value_type = UnitName)]
    pub(super) unit: String,
    /// Digits after the comma, 0 to 6; 0 when left out.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 6)]
    pub(super) decimals: i64,
    /// Whether it spoils within days.
    #[serde(default)]
    pub(super) perishable: bool,
    /// At or below this quantity, in the smallest unit, a point's stock is low.
    #[schema(value_type = Option<AnyQuantity>)]
    pub(super) low_stock: Option<i64>,
}

/// An item as it will stand: every field is what it may be.
#[derive(Clone, Debug)]
pub struct NewItem {
    pub name: String,
    pub unit: String,
    pub decimals: i64,
    pub perishable: bool,
    pub low_stock: Option<Quantity>,
}

impl NewItem {
    /// All fields, or all that is wrong with them.
    pub(super) fn parse(body: NewItemBody) -> Result<Self> {
        let NewItemBody { name, unit, decimals, perishable, low_stock } = body;
        let mut fields = Validation::new();
        let name = fields.take("name", parse_name(&name));
        let unit = fields.take("unit", parse_unit(&unit));
        fields.check("decimals", (0..=6).contains(&decimals), || {
            Invalid::fixed(
                "out_of_range",
                "Số chữ số sau dấu phẩy từ 0 đến 6 (kg tính đến gam là 3).",
                "Digits after the comma are from 0 to 6 (3 for kg counted to the gram).",
            )
        });
        let low_stock = fields.take("low_stock", low_stock.map(parse_low_stock).transpose());
        let (name, unit, low_stock) = fields.all((name, unit, low_stock))?;
        Ok(Self { name, unit, decimals, perishable, low_stock })
    }
}

/// What changes about an item; what is left out stays. Its decimals stay for good: quantities are counted by them.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "Gạo tẻ", "low_stock": 100_000}))]
pub(super) struct ItemChange {
    /// The new name.
    #[schema(value_type = Option<Name>)]
    pub(super) name: Option<String>,
    /// The new unit's name. Quantities are not converted.
    #[schema(value_type = Option<UnitName>)]
    pub(super) unit: Option<String>,
    /// Whether it spoils within days.
    pub(super) perishable: Option<bool>,
    /// At or below this quantity, in the smallest unit, a point's stock is low; null: nobody watches it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<AnyQuantity>)]
    pub(super) low_stock: Option<Option<i64>>,
}

impl ItemChange {
    /// The item as it stands after the change, as it would be registered.
    pub(super) fn of(self, before: Item) -> NewItemBody {
        NewItemBody {
            name: self.name.unwrap_or(before.name),
            unit: self.unit.unwrap_or(before.unit),
            decimals: before.decimals,
            perishable: self.perishable.unwrap_or(before.perishable),
            low_stock: self.low_stock.unwrap_or(before.low_stock.map(|low| low.0)),
        }
    }
}

/// A unit of 1 to 30 characters.
pub fn parse_unit(text: &str) -> std::result::Result<String, Invalid> {
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

/// A level at which stock is low; zero: only once nothing is left.
fn parse_low_stock(low: i64) -> std::result::Result<Quantity, Invalid> {
    if low == 0 { Ok(Quantity(0)) } else { Quantity::parse_positive(low) }
}

/// What is said of a field that names no item.
pub fn unknown_item() -> Invalid {
    Invalid::fixed(
        "unknown",
        "Không có mặt hàng này. Xem danh sách mặt hàng rồi chọn lại.",
        "There is no such item. See the list of items and choose again.",
    )
}
