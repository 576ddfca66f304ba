//! Quantities of goods: integers in the item's smallest unit (grams of a kg item with 3 decimals, pieces).

use serde::{Deserialize, Serialize};

use super::message::{Invalid, Message};
use super::money::group_thousands;

/// A quantity in the item's smallest unit. Signed: ledger entries go both ways.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    sqlx::Type,
    utoipa::ToSchema,
)]
#[serde(transparent)]
#[sqlx(transparent)]
#[schema(value_type = i64, example = 10_000)]
pub struct Quantity(pub i64);

impl Quantity {
    /// The largest quantity one field takes: a billion tonnes in grams would not fit a warehouse.
    pub const MAX_FIELD: i64 = 1_000_000_000_000;

    /// A quantity above zero.
    pub fn parse_positive(quantity: i64) -> Result<Self, Invalid> {
        if (1..=Self::MAX_FIELD).contains(&quantity) {
            Ok(Self(quantity))
        } else {
            Err(Invalid::new(
                "out_of_range",
                Message::fixed(
                    "Số lượng phải từ 1 đến 1.000.000.000.000 (đơn vị nhỏ nhất của mặt hàng, ví dụ gam).",
                    "A quantity is from 1 to 1,000,000,000,000 in the item's smallest unit (grams, for example).",
                ),
            ))
        }
    }

    /// A quantity of either sign, but not zero.
    pub fn parse_signed(quantity: i64) -> Result<Self, Invalid> {
        if quantity != 0 && (-Self::MAX_FIELD..=Self::MAX_FIELD).contains(&quantity) {
            Ok(Self(quantity))
        } else {
            Err(Invalid::new(
                "out_of_range",
                Message::fixed(
                    "Số lượng điều chỉnh phải khác 0 (âm là bớt, dương là thêm).",
                    "An adjustment is not zero (negative takes away, positive adds).",
                ),
            ))
        }
    }

    /// The quantity in the item's unit, with a decimal comma: 10500 of an item with 3 decimals is `10,5`.
    pub fn in_unit(self, decimals: u8) -> String {
        let scale = 10_i64.pow(u32::from(decimals.min(9)));
        let whole = group_thousands(self.0 / scale);
        let rest = (self.0 % scale).abs();
        let sign = if self.0 < 0 && self.0 / scale == 0 { "-" } else { "" };
        if rest == 0 {
            return format!("{sign}{whole}");
        }
        let frac = format!("{rest:0width$}", width = usize::from(decimals));
        format!("{sign}{whole},{}", frac.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_print_with_a_decimal_comma() {
        assert_eq!(Quantity(4_000_000).in_unit(3), "4.000");
        assert_eq!(Quantity(10_500).in_unit(3), "10,5");
        assert_eq!(Quantity(-5).in_unit(3), "-0,005");
        assert_eq!(Quantity(12).in_unit(0), "12");
    }
}
