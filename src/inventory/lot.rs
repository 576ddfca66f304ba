//! What a lot (lô hàng) is: an item with one expiry day.

use crate::kernel::Day;

/// Which lot of an item: its expiry day, or none; or the lot of what was overdrawn. Sorted as goods are taken:
/// first-expired-first, then goods that do not expire, the overdraft last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LotKey {
    /// Goods with an expiry day; they may be used on that day.
    Expires(Day),
    /// Goods without one.
    Undated,
    /// Facts beyond the stock.
    Overdraft,
}

impl LotKey {
    /// The lot of goods with or without an expiry day.
    pub fn of(expires_on: Option<Day>) -> Self {
        expires_on.map_or(Self::Undated, Self::Expires)
    }

    /// From the columns `expires_on` and `overdraft`.
    pub fn from_columns(expires_on: &str, overdraft: bool) -> Self {
        if overdraft { Self::Overdraft } else { Self::of(expires_on.parse().ok()) }
    }

    /// The column `expires_on`: empty when there is none.
    pub fn expires_on(self) -> String {
        match self {
            Self::Expires(day) => day.to_string(),
            Self::Undated | Self::Overdraft => String::new(),
        }
    }
}
