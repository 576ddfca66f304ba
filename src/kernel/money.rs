//! Money: whole Vietnamese đồng. There is no smaller unit in use.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::message::{Invalid, Message};

/// An amount of Vietnamese đồng. Prints as `1.286.010.000 đ`.
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
#[schema(value_type = i64, example = 228_524)]
pub struct Dong(pub i64);

impl Dong {
    /// The largest amount one field takes: 10 trillion đồng. Sums of a million such fields stay inside `i64`.
    pub const MAX_FIELD: i64 = 9_000_000_000_000;

    /// An amount that is not negative and plausible for one field.
    pub fn parse(amount: i64) -> Result<Self, Invalid> {
        if (0..=Self::MAX_FIELD).contains(&amount) {
            Ok(Self(amount))
        } else {
            Err(Invalid::new(
                "out_of_range",
                Message::fixed(
                    "Số tiền phải từ 0 đến 9.000.000.000.000 đồng. Kiểm tra lại đơn vị tính (đồng hay nghìn đồng).",
                    "An amount is from 0 to 9,000,000,000,000 đồng. Check the unit (đồng or thousands of đồng).",
                ),
            ))
        }
    }

    /// Digits in groups of three, without the unit: `1.286.010.000`.
    pub fn grouped(self) -> String {
        group_thousands(self.0)
    }
}

/// Writes an integer the Vietnamese way, with a dot between groups of three digits.
pub fn group_thousands(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if n < 0 {
        out.push('-');
    }
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('.');
        }
        out.push(c);
    }
    out
}

impl fmt::Display for Dong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} đ", self.grouped())
    }
}

impl std::iter::Sum for Dong {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        Self(iter.map(|d| d.0).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_prints_the_vietnamese_way() {
        assert_eq!(Dong(1_286_010_000).to_string(), "1.286.010.000 đ");
        assert_eq!(Dong(0).to_string(), "0 đ");
        assert_eq!(Dong(-1_000).grouped(), "-1.000");
        assert_eq!(Dong(999).grouped(), "999");
    }
}
