//! What a lot (lô hàng) is: an item with one expiry day.

use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::kernel::Day;
use crate::kernel::text_column::text_column;

/// A lot's expiry day. None is an empty text in the column, which is part of a key, and in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry(pub Option<Day>);

impl Serialize for Expiry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(day) => serializer.collect_str(&day),
            None => serializer.serialize_str(""),
        }
    }
}

impl FromStr for Expiry {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "" => Ok(Self(None)),
            day => Day::parse(day).map(|day| Self(Some(day))).map_err(|wrong| wrong.say.en.into_owned()),
        }
    }
}

text_column!(Expiry);

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
    pub fn from_columns(expires_on: Expiry, overdraft: bool) -> Self {
        if overdraft { Self::Overdraft } else { Self::of(expires_on.0) }
    }

    /// The column `expires_on`.
    pub const fn expires_on(self) -> Expiry {
        match self {
            Self::Expires(day) => Expiry(Some(day)),
            Self::Undated | Self::Overdraft => Expiry(None),
        }
    }
}
