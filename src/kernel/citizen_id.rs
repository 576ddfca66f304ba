//! Numbers of identity papers: CCCD (12 digits, in force) and CMND (9 digits, no longer valid, still on old lists).

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::message::{Invalid, Message};
use super::moment::Day;
use super::vietnamese::{clean, fold};

/// The number of a citizen's identity paper: 12 or 9 digits. Its `Debug` hides the number; JSON carries the digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CitizenId(String);

impl CitizenId {
    /// Reads a number with spaces, dots or dashes, and puts back zeros that Excel took when it made a number of the
    /// text: 11 digits and some of 10 become a CCCD, 8 a CMND.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim().trim_start_matches('\'');
        let text = text.strip_suffix(".0").unwrap_or(text);
        let mut digits = String::with_capacity(16);
        for c in text.chars() {
            match c {
                '0'..='9' if digits.len() < 16 => digits.push(c),
                ' ' | '.' | '-' | '\u{A0}' => {}
                _ => return Err(NOT_AN_ID),
            }
        }
        // Excel takes every leading zero or none: a text that still begins with one has lost a digit elsewhere.
        let lost_zeros = !digits.starts_with('0');
        match digits.len() {
            12 | 9 => Ok(Self(digits)),
            11 if lost_zeros => Ok(Self(format!("0{digits}"))),
            10 if lost_zeros && starts_like_a_cccd(&format!("00{digits}")) => Ok(Self(format!("00{digits}"))),
            8 if lost_zeros => Ok(Self(format!("0{digits}"))),
            _ => Err(NOT_AN_ID),
        }
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is a 9-digit CMND, which no longer proves identity.
    pub fn is_cmnd(&self) -> bool {
        self.0.len() == 9
    }

    /// All but the last three digits hidden: `••••••••• 926`.
    pub fn masked(&self) -> String {
        let (hidden, shown) = self.0.split_at(self.0.len() - 3);
        format!("{} {shown}", "•".repeat(hidden.len()))
    }

    /// The year of birth that a CCCD tells (digit 4 gives the century, 5 and 6 the year).
    pub fn birth_year(&self) -> Option<i16> {
        if self.is_cmnd() {
            return None;
        }
        let digit = |at: usize| i16::from(self.0.as_bytes()[at] - b'0');
        Some(1900 + digit(3) / 2 * 100 + digit(4) * 10 + digit(5))
    }

    /// What looks odd about the number: an unknown province, a century that has not come, another year of birth than
    /// the one known. A CCCD has no check digit, so these warn and never block.
    pub fn warnings(&self, known_birth_year: Option<i16>, today: Day) -> Vec<Invalid> {
        let mut warnings = Vec::new();
        let Some(birth_year) = self.birth_year() else { return warnings };
        if !known_province(&self.0[..3]) {
            warnings.push(Invalid::fixed(
                "unknown_province",
                "Ba số đầu của CCCD không phải mã tỉnh nào. Xem lại giấy tờ.",
                "The first three digits of the CCCD are no province's code. Check the paper.",
            ));
        }
        if birth_year > today.date().year() {
            warnings.push(Invalid::fixed(
                "born_in_the_future",
                "Số CCCD này ứng với năm sinh trong tương lai. Xem lại giấy tờ.",
                "This CCCD number tells a year of birth in the future. Check the paper.",
            ));
        } else if let Some(known) = known_birth_year.filter(|known| *known != birth_year) {
            warnings.push(Invalid::new(
                "birth_year_differs",
                Message::new(
                    format!("Số CCCD ứng với năm sinh {birth_year}, danh sách ghi {known}. Xem lại giấy tờ."),
                    format!(
                        "The CCCD number tells {birth_year} as year of birth, the list says {known}. Check the paper."
                    ),
                ),
            ));
        }
        warnings
    }
}

const NOT_AN_ID: Invalid = Invalid::fixed(
    "not_a_citizen_id",
    "Số CCCD phải có 12 chữ số (CMND cũ: 9 chữ số). Sửa lại hoặc để trống.",
    "A CCCD number has 12 digits (an old CMND: 9). Correct it or leave it out.",
);

/// Whether twelve digits begin as a living person's CCCD does: a known province, born 1900–2099.
fn starts_like_a_cccd(digits: &str) -> bool {
    known_province(&digits[..3]) && digits.as_bytes()[3] <= b'3'
}

/// Codes of the provinces where births were registered (Circular 07/2016/TT-BCA, annex 1).
fn known_province(code: &str) -> bool {
    const CODES: &str = "001 002 004 006 008 010 011 012 014 015 017 019 020 022 024 025 026 027 030 031 033 034 035 \
        036 037 038 040 042 044 045 046 048 049 051 052 054 056 058 060 062 064 066 067 068 070 072 074 075 077 079 \
        080 082 083 084 086 087 089 091 092 093 094 095 096";
    CODES.split(' ').any(|known| known == code)
}

impl fmt::Debug for CitizenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CitizenId(hidden)")
    }
}

impl Serialize for CitizenId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for CitizenId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(|wrong| serde::de::Error::custom(wrong.say.en))
    }
}

/// Sex as a card states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// Nam.
    Male,
    /// Nữ.
    Female,
}

/// What the QR on a CCCD card tells. Holds personal data, so it has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct CardQr {
    /// The CCCD number.
    pub citizen_id: CitizenId,
    /// The 9-digit CMND that the card replaced.
    pub old_id: Option<CitizenId>,
    /// Full name.
    pub name: String,
    /// Day of birth; unknown when the card only has the year.
    pub birth_day: Option<Day>,
    pub birth_year: Option<i16>,
    pub sex: Option<Sex>,
    /// Registered address.
    pub address: String,
    /// Day of issue.
    pub issued_on: Option<Day>,
}

impl CardQr {
    /// Reads the text of a card's QR: `CCCD|old CMND|name|ddmmyyyy|sex|address|issue date`. Newer cards add fields at
    /// the end, which are ignored.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let parts: Vec<String> = text.trim().split('|').map(clean).collect();
        let not_a_card = Invalid::fixed(
            "not_a_card",
            "Đây không phải mã QR trên thẻ căn cước. Quét lại mã ở góc mặt trước của thẻ.",
            "This is not the QR of a citizen card. Scan the one in the corner of the card's front.",
        );
        if parts.len() < 6 || parts[2].is_empty() {
            return Err(not_a_card);
        }
        let citizen_id = match CitizenId::parse(&parts[0]) {
            Ok(id) if !id.is_cmnd() && parts[0].len() == 12 => id,
            _ => return Err(not_a_card),
        };
        let birth_day = card_day(&parts[3]);
        Ok(Self {
            old_id: CitizenId::parse(&parts[1]).ok().filter(CitizenId::is_cmnd),
            name: parts[2].clone(),
            birth_day,
            birth_year: birth_day.map(|day| day.date().year()).or_else(|| citizen_id.birth_year()),
            sex: match fold(&parts[4]).as_str() {
                "nam" => Some(Sex::Male),
                "nu" => Some(Sex::Female),
                _ => None,
            },
            address: parts[5].clone(),
            issued_on: parts.get(6).and_then(|text| card_day(text)),
            citizen_id,
        })
    }
}

/// `ddmmyyyy`.
fn card_day(text: &str) -> Option<Day> {
    if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Day::from_ymd(text[4..].parse().ok()?, text[2..4].parse().ok()?, text[..2].parse().ok()?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn today() -> Day {
        Day::parse("2026-01-15").unwrap()
    }

    #[test]
    fn zeros_that_excel_took_are_put_back() {
        for (written, digits) in [
            ("049053797926", "049053797926"),
            ("48094172111", "048094172111"),
            ("48094172111.0", "048094172111"),
            ("1094172111", "001094172111"),
            ("201234567", "201234567"),
            ("12345678", "012345678"),
            ("049 053 797 926", "049053797926"),
            ("'049053797926", "049053797926"),
        ] {
            assert_eq!(CitizenId::parse(written).unwrap().as_str(), digits, "{written}");
        }
    }

    #[test]
    fn a_number_of_another_length_is_refused() {
        // 04809417211 kept its zero, so a digit is missing elsewhere; 4809417211 would be no living person's.
        for written in
            ["", "04819012345678", "04809417211", "0480941721", "4809417211", "1234567", "4.8094E+10", "không có", "-1"]
        {
            assert!(CitizenId::parse(written).is_err(), "{written}");
        }
    }

    #[test]
    fn odd_numbers_warn() {
        let codes = |id: &str, year| -> Vec<&str> {
            CitizenId::parse(id).unwrap().warnings(year, today()).into_iter().map(|w| w.code).collect()
        };
        assert!(codes("049053797926", Some(1953)).is_empty());
        assert!(codes("048201983515", Some(2001)).is_empty());
        assert_eq!(codes("049053797926", Some(1954)), ["birth_year_differs"]);
        assert_eq!(codes("999053797926", None), ["unknown_province"]);
        assert_eq!(codes("048253797926", None), ["born_in_the_future"]);
        assert!(codes("201234567", Some(1950)).is_empty());
    }

    #[test]
    fn the_number_stays_hidden() {
        let id = CitizenId::parse("049053797926").unwrap();
        assert_eq!(id.masked(), "••••••••• 926");
        assert_eq!(format!("{id:?}"), "CitizenId(hidden)");
    }

    #[test]
    fn a_card_read_by_a_scanner_fills_the_form() {
        let card = CardQr::parse(
            "048190123456|201234567|Trần Thị Ý|07021990|Nữ|K286/30 Đinh Đạt, Thanh Khê Tây, Thanh Khê, Đà Nẵng|25042021",
        );
        let card = card.ok().unwrap();
        assert_eq!(card.name, "Trần Thị Ý");
        assert_eq!(card.old_id.unwrap().as_str(), "201234567");
        assert_eq!(card.birth_day, Day::parse("1990-02-07").ok());
        assert_eq!(card.birth_year, Some(1990));
        assert_eq!(card.sex, Some(Sex::Female));
        assert_eq!(card.issued_on, Day::parse("2021-04-25").ok());
        assert!(CardQr::parse("048190123456||Trần Thị Ý|07021990|Nữ|Đinh Đạt|25042021||||").is_ok());
        for other in ["", "LL1:ABC", "https://example.com", "a|b|c|d|e|f|g", "048190123456||||||"] {
            assert!(CardQr::parse(other).is_err(), "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            if let Ok(id) = CitizenId::parse(&text) {
                prop_assert_eq!(CitizenId::parse(id.as_str()).unwrap(), id.clone());
                let _ = (id.warnings(Some(1990), today()), id.masked());
                let json = serde_json::to_string(&id).unwrap();
                prop_assert_eq!(serde_json::from_str::<CitizenId>(&json).unwrap(), id);
            }
            let _ = CardQr::parse(&text);
        }

        #[test]
        fn a_number_without_its_zeros_is_the_same_number(serial in 0_u64..1_000_000, year in 0_u64..100, sex in 0_u64..4,
            province in prop::sample::select(vec![1_u64, 4, 8, 10, 45, 48, 49, 96])) {
            let number = ((province * 10 + sex) * 100 + year) * 1_000_000 + serial;
            let id = CitizenId::parse(&format!("{number:012}")).unwrap();
            prop_assert_eq!(CitizenId::parse(&number.to_string()).unwrap(), id);
        }
    }
}
