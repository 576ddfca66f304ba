//! Vietnamese phone numbers, as lists and people write them.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::message::Invalid;

/// A Vietnamese number: digits from 0, ten for a mobile, eleven for a landline. Families share one: never a unique
/// key. Its `Debug` hides the number; JSON carries the digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number with or without +84, with spaces, dots, dashes or brackets, with the leading zero that Excel
    /// takes, and with the eleven digits that mobiles had before the prefixes moved in 2018.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim().trim_start_matches('\'');
        let text = text.strip_suffix(".0").unwrap_or(text);
        let mut digits = String::with_capacity(16);
        for (i, c) in text.char_indices() {
            match c {
                '0'..='9' => digits.push(c),
                '+' if i == 0 => {}
                ' ' | '.' | '-' | '(' | ')' | '\u{A0}' | '\u{2013}' | '\u{2011}' => {}
                _ => return Err(NOT_A_PHONE),
            }
            if digits.len() > 16 {
                return Err(NOT_A_PHONE);
            }
        }
        let national = national(&digits, text.starts_with('+')).ok_or(NOT_A_PHONE)?;
        moved_in_2018(&national).map_or_else(|| check(national), check)
    }

    /// The digits, from 0.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// All but the last three digits hidden: `••••••• 185`.
    pub fn masked(&self) -> String {
        let (hidden, shown) = self.0.split_at(self.0.len() - 3);
        format!("{} {shown}", "•".repeat(hidden.len()))
    }

    /// In groups as people read it out: `0766 495 185`, `0236 3822 123`.
    pub fn grouped(&self) -> String {
        let (first, second) = match (self.0.len(), &self.0[..3]) {
            (10, _) => (4, 7),
            (_, "024" | "028") => (3, 7),
            _ => (4, 8),
        };
        format!("{} {} {}", &self.0[..first], &self.0[first..second], &self.0[second..])
    }
}

const NOT_A_PHONE: Invalid = Invalid::fixed(
    "not_a_phone",
    "Số điện thoại phải là số Việt Nam: 10 chữ số bắt đầu bằng 0, hoặc +84. Sửa lại hoặc để trống.",
    "A phone is a Vietnamese number: 10 digits from 0, or +84. Correct it or leave it out.",
);

/// The digits from 0, with country code taken off and a lost zero put back.
fn national(digits: &str, plus: bool) -> Option<String> {
    let with_zero = |rest: &str| if rest.starts_with('0') { rest.to_owned() } else { format!("0{rest}") };
    if let Some(rest) = digits.strip_prefix("0084") {
        return Some(with_zero(rest));
    }
    if plus {
        return digits.strip_prefix("84").map(with_zero);
    }
    if digits.starts_with('0') {
        return Some(digits.to_owned());
    }
    match digits.len() {
        // Excel took the zero: nine digits of a mobile, ten of a landline or an old mobile.
        9 | 10 => Some(format!("0{digits}")),
        11..=13 => digits.strip_prefix("84").map(with_zero),
        _ => None,
    }
}

/// Eleven-digit mobiles became ten-digit ones in September 2018 (plan of the Ministry of Information and
/// Communications).
fn moved_in_2018(national: &str) -> Option<String> {
    if national.len() != 11 {
        return None;
    }
    let new = match &national[..4] {
        "0120" => "070",
        "0121" => "079",
        "0122" => "077",
        "0126" => "076",
        "0128" => "078",
        "0123" => "083",
        "0124" => "084",
        "0125" => "085",
        "0127" => "081",
        "0129" => "082",
        "0162" => "032",
        "0163" => "033",
        "0164" => "034",
        "0165" => "035",
        "0166" => "036",
        "0167" => "037",
        "0168" => "038",
        "0169" => "039",
        "0186" => "056",
        "0188" => "058",
        "0199" => "059",
        _ => return None,
    };
    Some(format!("{new}{}", &national[4..]))
}

fn check(national: String) -> Result<PhoneNumber, Invalid> {
    let mobile = national.len() == 10 && matches!(&national[..2], "03" | "05" | "07" | "08" | "09");
    let landline = national.len() == 11 && national.starts_with("02");
    if mobile || landline { Ok(PhoneNumber(national)) } else { Err(NOT_A_PHONE) }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(hidden)")
    }
}

impl Serialize for PhoneNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for PhoneNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(|wrong| serde::de::Error::custom(wrong.say.en))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_however_they_are_written() {
        for (written, digits) in [
            ("0766495185", "0766495185"),
            ("0389.215.466", "0389215466"),
            ("+84 389 824646", "0389824646"),
            ("+84 0905 123 456", "0905123456"),
            ("0084905123456", "0905123456"),
            ("84905123456", "0905123456"),
            ("(0905) 123-456", "0905123456"),
            ("389842410", "0389842410"),
            ("'0905123456", "0905123456"),
            ("905123456.0", "0905123456"),
            ("01269123456", "0769123456"),
            ("1269123456", "0769123456"),
            ("+84 169 912 3456", "0399123456"),
            ("0236 3822 123", "02363822123"),
            ("2363822123", "02363822123"),
            ("842345678", "0842345678"),
        ] {
            assert_eq!(PhoneNumber::parse(written).unwrap().as_str(), digits, "{written}");
        }
    }

    #[test]
    fn what_is_no_vietnamese_number_is_refused() {
        for written in [
            "",
            "090512",
            "09051234567",
            "+1 202 555 0147",
            "0612345678",
            "abc",
            "0905 123 45x",
            "0000000000",
            "99999999999999999999",
            "0905123456/0914123456",
            "9.05123E+08",
            "1900 1234",
        ] {
            assert!(PhoneNumber::parse(written).is_err(), "{written}");
        }
    }

    #[test]
    fn a_number_is_hidden_where_it_is_not_needed() {
        let phone = PhoneNumber::parse("0766495185").unwrap();
        assert_eq!(phone.masked(), "••••••• 185");
        assert_eq!(phone.grouped(), "0766 495 185");
        assert_eq!(PhoneNumber::parse("02363822123").unwrap().grouped(), "0236 3822 123");
        assert_eq!(PhoneNumber::parse("02838221234").unwrap().grouped(), "028 3822 1234");
        assert_eq!(format!("{phone:?}"), "Phone(hidden)");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            if let Ok(phone) = PhoneNumber::parse(&text) {
                prop_assert_eq!(PhoneNumber::parse(phone.as_str()).unwrap(), phone.clone());
                let json = serde_json::to_string(&phone).unwrap();
                prop_assert_eq!(serde_json::from_str::<PhoneNumber>(&json).unwrap(), phone);
            }
        }

        #[test]
        fn every_new_mobile_survives_any_way_of_writing_it(digits in "0(3|5|7|8|9)[0-9]{8}") {
            let phone = PhoneNumber::parse(&digits).unwrap();
            for written in [phone.grouped(), format!("+84{}", &digits[1..]), format!("0084 {}", &digits[1..]), digits[1..].to_owned()] {
                prop_assert_eq!(&PhoneNumber::parse(&written).unwrap(), &phone, "{}", written);
            }
        }
    }
}
