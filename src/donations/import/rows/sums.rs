//! What the rows of a list add up to.

use serde::{Deserialize, Serialize};

use super::row::DonationRow;
use super::things::DonationLine;
use crate::kernel::Dong;

/// What a list adds up to.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Sums {
    /// Ready-made packages.
    pub packages: i64,
    /// What they are worth.
    pub packages_value: Dong,
    /// What goods are worth.
    pub goods_value: Dong,
    /// Money.
    pub cash: Dong,
}

impl Sums {
    /// Adds rows up.
    pub fn of<'a>(rows: impl Iterator<Item = &'a DonationRow>) -> Self {
        let mut sums = Self::default();
        for line in rows.flat_map(|row| &row.lines) {
            match line {
                DonationLine::Goods { value, .. } => sums.goods_value.0 += value.0,
                DonationLine::Packages { count, value, .. } => {
                    sums.packages += count;
                    sums.packages_value.0 += value.0;
                }
                DonationLine::Cash { amount } => sums.cash.0 += amount.0,
            }
        }
        sums
    }
}
