//! What a reduction may say, and how much it is worth. Pure decisions.

use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::{clean, fold};
use crate::kernel::{Day, Dong, Month};

/// The highest monthly rent of one room that is believed, in đồng.
const RENT_MAX: i64 = 1_000_000_000;
/// Characters of a note or reason.
const NOTE_MAX: usize = 2_000;
/// Months ahead for which rent may be cut today.
const MONTHS_AHEAD: i32 = 24;

/// A cut whose number fits its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// So many đồng.
    Amount(Dong),
    /// Hundredths of a percent, 1–10000.
    Percent(i64),
    /// The whole rent.
    Waiver,
}

impl Cut {
    /// What it takes off one month's rent; a share is rounded to the đồng, half up. Refuses nothing and more than
    /// the rent.
    pub fn of(self, rent: Dong) -> Result<Dong, Invalid> {
        let reduced = match self {
            Self::Amount(amount) => amount.0,
            Self::Percent(hundredths) => {
                let exact = i128::from(rent.0) * i128::from(hundredths);
                i64::try_from((exact + 5_000).div_euclid(10_000)).unwrap_or(i64::MAX)
            }
            Self::Waiver => rent.0,
        };
        if (1..=rent.0).contains(&reduced) {
            Ok(Dong(reduced))
        } else {
            Err(Invalid::fixed(
                "out_of_range",
                "Số tiền giảm phải trên 0 và không quá tiền thuê của tháng.",
                "The reduction is above 0 and at most the month's rent.",
            ))
        }
    }
}

/// Reads a share of the rent such as `30` or `33.33` into hundredths of a percent.
pub fn parse_percent(text: &str) -> Result<i64, Invalid> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let parsed = (!whole.is_empty() && whole.len() <= 3 && fraction.len() <= 2 && digits(whole) && digits(fraction))
        .then(|| format!("{whole}{fraction:0<2}").parse::<i64>().ok())
        .flatten()
        .filter(|hundredths| (1..=10_000).contains(hundredths));
    parsed.ok_or(Invalid::fixed(
        "out_of_range",
        "Tỷ lệ giảm phải trên 0 và không quá 100 phần trăm, tối đa hai chữ số thập phân.",
        "The share is above 0 and at most 100 percent, with at most two decimals.",
    ))
}

/// The key of a room's label: `Phòng 1`, `P.01` and `1` meet, `Phòng 1A` is another.
pub fn room_key(label: &str) -> String {
    let folded = fold(label);
    let mut words = folded.split(' ').map(str::to_owned).collect::<Vec<_>>();
    if words.len() > 1 && matches!(words[0].as_str(), "phong" | "p" | "room") {
        words.remove(0);
    } else if let Some(rest) = words[0].strip_prefix("phong").or_else(|| words[0].strip_prefix('p'))
        && rest.starts_with(|c: char| c.is_ascii_digit())
    {
        words[0] = rest.to_owned();
    }
    let first = words[0].trim_start_matches('0');
    if !first.is_empty() {
        words[0] = first.to_owned();
    }
    words.join(" ")
}

/// A rent of one room and month: above 0, up to a billion đồng.
pub fn parse_rent(rent: i64) -> Result<Dong, Invalid> {
    if (1..=RENT_MAX).contains(&rent) {
        Ok(Dong(rent))
    } else {
        Err(Invalid::fixed(
            "out_of_range",
            "Tiền thuê một phòng một tháng phải trên 0 và không quá 1.000.000.000 đồng.",
            "A room's rent for a month is above 0 and at most 1,000,000,000 đồng.",
        ))
    }
}

/// A month from 2015 to two years ahead.
pub fn parse_month(text: &str, today: Day) -> Result<Month, Invalid> {
    let month = Month::parse(text)?;
    let latest = Month::of(today).and_then(|now| now.plus(MONTHS_AHEAD));
    if month.year() >= 2015 && latest.is_none_or(|latest| month <= latest) {
        Ok(month)
    } else {
        Err(Invalid::fixed(
            "out_of_range",
            "Tháng phải từ 2015-01 đến hai năm tới. Kiểm tra lại năm.",
            "A month is from 2015-01 to two years ahead. Check the year.",
        ))
    }
}

/// A note of up to 2000 characters.
pub fn parse_note(text: &str) -> Result<String, Invalid> {
    let note = clean(text);
    if note.chars().count() <= NOTE_MAX {
        Ok(note)
    } else {
        Err(Invalid::fixed("too_long", "Ghi chú dài tối đa 2.000 ký tự.", "A note has at most 2,000 characters."))
    }
}

/// What a landlord is given to ask about a reduction: eight symbols of Crockford's alphabet, which has no I, L, O, U.
pub fn reference(bytes: [u8; 8]) -> String {
    const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut out = String::with_capacity(9);
    for (at, byte) in bytes.into_iter().enumerate() {
        if at == 4 {
            out.push('-');
        }
        out.push(char::from(SYMBOLS[usize::from(byte % 32)]));
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_room_meet() {
        for label in ["Phòng 1", "P.01", "p1", "PHÒNG 01", "1", "Phong1"] {
            assert_eq!(room_key(label), "1", "{label}");
        }
        assert_eq!(room_key("Phòng 1A"), "1a");
        assert_eq!(room_key("Phòng"), "phong");
        assert_eq!(room_key("Phòng trệt"), "tret");
        assert_eq!(room_key("0"), "0");
        assert_eq!(room_key("🏠"), "");
    }

    #[test]
    fn shares_have_two_decimals_at_most() {
        for (text, hundredths) in [("30", 3_000), ("33.33", 3_333), ("0.01", 1), ("100.00", 10_000), ("12.5", 1_250)] {
            assert_eq!(parse_percent(text).unwrap(), hundredths, "{text}");
        }
        for text in ["0", "0.0", "100.01", "-5", "12.345", "1e2", "", ".", "٣"] {
            assert!(parse_percent(text).is_err(), "{text}");
        }
    }

    #[test]
    fn half_a_dong_is_rounded_up() {
        assert_eq!(Cut::Percent(5_000).of(Dong(3)).unwrap(), Dong(2));
        assert_eq!(Cut::Percent(3_000).of(Dong(900_000)).unwrap(), Dong(270_000));
        assert_eq!(Cut::Percent(3_333).of(Dong(1_000_000)).unwrap(), Dong(333_300));
        assert!(Cut::Percent(1).of(Dong(100)).is_err());
        assert!(Cut::Amount(Dong(101)).of(Dong(100)).is_err());
        assert_eq!(Cut::Waiver.of(Dong(100)).unwrap(), Dong(100));
    }

    #[test]
    fn references_are_easy_to_read_out() {
        assert_eq!(reference([0, 31, 32, 18, 255, 10, 20, 30]), "0Z0J-ZAMY");
    }

    proptest! {
        #[test]
        fn a_share_is_the_nearest_dong_and_never_more_than_the_rent(rent in 1..=RENT_MAX, hundredths in 1..=10_000_i64) {
            match Cut::Percent(hundredths).of(Dong(rent)) {
                Ok(reduced) => {
                    let exact = i128::from(rent) * i128::from(hundredths);
                    let twice_off = 2 * (i128::from(reduced.0) * 10_000 - exact);
                    // At most half a đồng from the exact share; exactly half only upward.
                    prop_assert!(-10_000 < twice_off && twice_off <= 10_000);
                    prop_assert!(reduced.0 <= rent);
                }
                Err(_) => prop_assert!(i128::from(rent) * i128::from(hundredths) < 5_000),
            }
        }

        #[test]
        fn a_room_key_is_its_own_key(label in "[Pp]?(hòng)? ?[0-9]{0,3}[a-c]?") {
            let key = room_key(&label);
            prop_assert!(!key.starts_with(' ') && !key.ends_with(' '));
        }
    }
}
