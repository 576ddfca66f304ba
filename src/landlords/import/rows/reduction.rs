//! By how much the rent of one room is cut each month.

use serde::{Deserialize, Serialize};

use crate::kernel::Dong;
use crate::kernel::message::{Invalid, Message};
use crate::kernel::vietnamese::fold;
use crate::spreadsheet::Cell;
use crate::spreadsheet::values::{MoneyUnit, money};

/// How rent is cut, per room and month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Reduction {
    /// The whole rent is waived.
    Waiver,
    /// A share of the rent.
    Percent {
        /// Hundredths of a percent, 1–10000: 30% is 3000.
        basis_points: u16,
    },
    Amount {
        /// Đồng per room and month.
        amount: Dong,
    },
}

impl Reduction {
    /// The đồng forgone for one room and month: a percentage is rounded to the đồng, half up.
    pub fn per_room_month(self, rent: Dong) -> Dong {
        match self {
            Self::Waiver => rent,
            Self::Percent { basis_points } => {
                let share = i128::from(rent.0) * i128::from(basis_points);
                // Rent is never negative, so adding half of the divisor rounds half up.
                Dong(i64::try_from((share + 5_000) / 10_000).unwrap_or(i64::MAX))
            }
            Self::Amount { amount } => amount,
        }
    }

    /// A share in percent; a whole is a waiver.
    fn of_percent(percent: f64) -> Result<Self, Invalid> {
        let basis_points = percent * 100.0;
        if !(0.5..=10_000.5).contains(&basis_points) {
            return Err(Invalid::fixed(
                "out_of_range",
                "Tỷ lệ giảm phải lớn hơn 0% và không quá 100%.",
                "A percentage is above 0% and at most 100%.",
            ));
        }
        let basis_points = basis_points.round() as u16;
        Ok(if basis_points == 10_000 { Self::Waiver } else { Self::Percent { basis_points } })
    }

    /// Reads a cell: `30%`, `Giảm 30%`, `500.000`, `500k`, `Miễn`, `1/2`, or a number: below 1 a share as Excel keeps
    /// percentages, up to 100 a percentage (always, in a column of `percents`), above that an amount in `unit`.
    pub fn read(cell: &Cell, percents: bool, unit: MoneyUnit) -> Result<Option<Self>, Invalid> {
        match cell {
            Cell::Empty => Ok(None),
            Cell::Number(number) if *number > 0.0 && *number <= 1.0 => Self::of_percent(number * 100.0).map(Some),
            Cell::Number(number) if percents || *number > 1.0 && *number <= 100.0 && unit == MoneyUnit::Dong => {
                Self::of_percent(*number).map(Some)
            }
            Cell::Text(_) => Self::of_text(&cell.shown(), percents, unit),
            _ => Self::of_money(cell, unit),
        }
    }

    fn of_text(text: &str, percents: bool, unit: MoneyUnit) -> Result<Option<Self>, Invalid> {
        let folded = fold(text);
        let words: Vec<&str> = folded.split(' ').collect();
        if let Some((before, _)) = text.split_once('%') {
            let from = before
                .rfind(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',' | ' ' | '-'))
                .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
            let share = before[from..].trim().replace(',', ".").parse::<f64>().map_err(|_| not_a_reduction())?;
            return Self::of_percent(share).map(Some);
        }
        let waives =
            words.contains(&"mien") || matches!(folded.as_str(), "free" | "khong thu" | "khong thu tien" | "toan bo");
        if waives && !text.chars().any(|c| c.is_ascii_digit()) {
            return Ok(Some(Self::Waiver));
        }
        if matches!(text.trim_start_matches("Giảm ").trim_start_matches("giảm "), "1/2") || words.contains(&"nua") {
            return Self::of_percent(50.0).map(Some);
        }
        let figures = text.trim_start_matches(|c: char| !c.is_ascii_digit() && c != '-').trim();
        let before = fold(&text[..text.len() - figures.len()]);
        if figures.is_empty() || !matches!(before.as_str(), "" | "giam" | "giam con" | "giam tien" | "ho tro" | "bot") {
            return Err(not_a_reduction());
        }
        if before == "giam con" {
            return Err(not_a_reduction());
        }
        match figures.replace(',', ".").parse::<f64>() {
            Ok(number) if percents || number > 0.0 && number < 1.0 => {
                Self::of_percent(if number <= 1.0 { number * 100.0 } else { number }).map(Some)
            }
            _ => Self::of_money(&Cell::text(figures), unit),
        }
    }

    fn of_money(cell: &Cell, unit: MoneyUnit) -> Result<Option<Self>, Invalid> {
        match money(cell, unit) {
            Ok(Some(Dong(0))) => {
                Err(Invalid::fixed("out_of_range", "Mức giảm phải lớn hơn 0.", "A reduction is above 0."))
            }
            Ok(amount) => Ok(amount.map(|amount| Self::Amount { amount })),
            Err(Invalid { code: "out_of_range", say }) => Err(Invalid { code: "out_of_range", say }),
            Err(_) => Err(not_a_reduction()),
        }
    }
}

fn not_a_reduction() -> Invalid {
    Invalid::new(
        "not_a_reduction",
        Message::fixed(
            "Mức giảm phải là phần trăm (30%), số tiền mỗi phòng mỗi tháng (500.000), hoặc Miễn.",
            "A reduction is a percentage (30%), an amount per room and month (500,000), or Miễn (waived).",
        ),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Option<Reduction>, Invalid> {
        Reduction::read(&Cell::text(text), false, MoneyUnit::Dong)
    }

    #[test]
    fn reductions_are_read_however_they_are_written() {
        let percent = |basis_points| Ok(Some(Reduction::Percent { basis_points }));
        let amount = |dong| Ok(Some(Reduction::Amount { amount: Dong(dong) }));
        for written in ["Miễn", "MIỄN PHÍ", "miễn 100%", "100%", "Mien phi", "Miễn tiền thuê"] {
            assert_eq!(read(written), Ok(Some(Reduction::Waiver)), "{written}");
        }
        for (written, expected) in [
            ("30%", percent(3000)),
            ("30 %", percent(3000)),
            ("Giảm 30%", percent(3000)),
            ("33,3%", percent(3330)),
            ("0.3", percent(3000)),
            ("1/2", percent(5000)),
            ("một nửa", percent(5000)),
            ("590.666", amount(590_666)),
            ("500k", amount(500_000)),
            ("Giảm 500.000đ", amount(500_000)),
            ("500.000đ/phòng/tháng", amount(500_000)),
            ("0,5 triệu", amount(500_000)),
        ] {
            assert_eq!(read(written), expected, "{written}");
        }
        for (number, expected) in [(0.3, percent(3000)), (30.0, percent(3000)), (500_000.0, amount(500_000))] {
            assert_eq!(Reduction::read(&Cell::Number(number), false, MoneyUnit::Dong), expected, "{number}");
        }
        assert_eq!(Reduction::read(&Cell::Number(1.0), false, MoneyUnit::Dong), Ok(Some(Reduction::Waiver)));
        for wrong in ["nhiều", "-30%", "130%", "0", "0%", "giảm còn 500.000", "-500000", "99999999999999999999"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_percentage_is_rounded_half_up_to_the_dong() {
        let third = Reduction::Percent { basis_points: 3_333 };
        assert_eq!(third.per_room_month(Dong(1_000_000)), Dong(333_300));
        assert_eq!(Reduction::Percent { basis_points: 5_000 }.per_room_month(Dong(1_000_001)), Dong(500_001));
        assert_eq!(Reduction::Percent { basis_points: 3_000 }.per_room_month(Dong(1)), Dong(0));
        assert_eq!(Reduction::Waiver.per_room_month(Dong(7)), Dong(7));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*", number in any::<f64>(), percents in any::<bool>()) {
            let _ = Reduction::read(&Cell::text(text), percents, MoneyUnit::Thousand);
            let _ = Reduction::read(&Cell::Number(number), percents, MoneyUnit::Dong);
        }

        #[test]
        fn a_percentage_never_forgoes_more_than_the_rent(rent in 0_i64..9_000_000_000_000, basis_points in 1_u16..=10_000) {
            let forgone = Reduction::Percent { basis_points }.per_room_month(Dong(rent));
            prop_assert!((0..=rent).contains(&forgone.0));
        }
    }
}
