//! What a donor gave, read from a cell or two: goods, packages, or cash.

use serde::{Deserialize, Serialize};

use crate::kernel::Dong;
use crate::kernel::vietnamese::fold;
use crate::spreadsheet::Cell;
use crate::spreadsheet::values::amount;

/// One thing given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum DonationLine {
    /// Goods of one kind.
    Goods {
        /// What it is, in the list's words.
        item: String,
        /// What it is counted in, in the list's words; empty when the list does not say.
        unit: String,
        /// Thousandths of the unit.
        thousandths: i64,
        /// What all of it is worth; 0 when the list does not say.
        value: Dong,
    },
    /// Ready-made packages (suất quà).
    Packages {
        /// What the list calls them.
        name: String,
        /// How many.
        count: i64,
        /// What all of them are worth.
        value: Dong,
    },
    /// Money.
    Cash {
        /// Đồng.
        amount: Dong,
    },
}

/// A thing with its quantity, before it is known what it is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Thing {
    pub(crate) item: String,
    pub(crate) unit: String,
    pub(crate) thousandths: i64,
}

impl Thing {
    /// Whether it is ready-made packages: gifts, counted by the piece or parcel. A meal is not one.
    pub(crate) fn is_packages(&self) -> bool {
        let item = fold(&self.item);
        let unit = fold(&self.unit);
        let meal = ["com", "chao", "bun", "an sang", "bua", "nuoc uong"].iter().any(|word| has(&item, word));
        let parcel =
            matches!(unit.as_str(), "suat" | "phan" | "phan qua" | "suat qua" | "goi qua" | "tui qua" | "tui an sinh");
        let gift = ["suat qua", "phan qua", "goi qua", "tui qua", "gio qua", "tui an sinh", "goi an sinh", "qua tang"]
            .iter()
            .any(|word| has(&item, word));
        let bare = matches!(item.as_str(), "suat" | "phan" | "qua" | "qua tet");
        !meal
            && (gift
                || (bare && (parcel || unit.is_empty() || unit == "goi" || unit == "tui"))
                || parcel && (item.is_empty() || has(&item, "qua") || has(&item, "suat")))
    }

    /// Whether the thing is money after all: `Tiền mặt`.
    pub(crate) fn is_cash(&self) -> bool {
        is_cash_word(&self.item)
    }
}

/// Whether a text in the column of goods says that money was given.
pub(crate) fn is_cash_word(text: &str) -> bool {
    matches!(fold(text).as_str(), "tien" | "tien mat" | "chuyen khoan" | "tien chuyen khoan" | "tien vnd")
}

fn has(text: &str, words: &str) -> bool {
    format!(" {text} ").contains(&format!(" {words} "))
}

/// Units that lists count goods in, folded; the longest first.
const UNITS: &[&str] = &[
    "suat qua", "phan qua", "goi qua", "tui qua", "suat", "phan", "kilogam", "kg", "ki", "ky", "gam", "g", "tan", "ta",
    "yen", "lit", "l", "ml", "thung", "bao", "chai", "hop", "goi", "bich", "tui", "qua", "trung", "con", "cai",
    "chiec", "bo", "hu", "lo", "loc", "vi", "ket", "can", "binh", "cuon", "quyen", "vien", "doi", "tam", "o", "bo qua",
    "lon", "cay", "bó",
];

/// The things that one cell of free text tells: `500 kg gạo`, `100 suất quà, 20 thùng mì`, `Gạo 500kg; dầu ăn 10 chai`.
/// Nothing when some part has no quantity.
pub(crate) fn things_of_text(text: &str) -> Option<Vec<Thing>> {
    let things: Vec<Thing> = parts_of(text).iter().map(|part| thing_of_part(part)).collect::<Option<_>>()?;
    (!things.is_empty()).then_some(things)
}

/// Cuts at `;` `+` line breaks, `và`, and commas that stand between words.
fn parts_of(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut parts = vec![String::new()];
    for (i, c) in chars.iter().enumerate() {
        let in_number = i > 0 && chars[i - 1].is_ascii_digit() && chars.get(i + 1).is_some_and(char::is_ascii_digit);
        if matches!(c, ';' | '+' | '\n') || (*c == ',' && !in_number) {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(*c);
        }
    }
    let parts = parts.iter().flat_map(|part| part.split(" và "));
    parts
        .map(|part| part.trim().trim_matches(['-', '.', ':']).trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

/// `500 kg gạo`, `gạo: 500kg`, `100 suất quà`.
fn thing_of_part(part: &str) -> Option<Thing> {
    let from = part.find(|c: char| c.is_ascii_digit())?;
    let figure = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
    let len = part[from..].find(|c| !figure(c)).unwrap_or(part.len() - from);
    let (number, behind) = part[from..].split_at(len);
    let before = part[..from].trim().trim_end_matches([':', '-', '(']).trim();
    let behind = behind.trim().trim_end_matches(')').trim();
    let quantity = amount(&Cell::text(number.trim_end_matches(['.', ',']))).ok()??;
    let (unit, rest) = split_unit(behind);
    let item = match (before.is_empty(), rest.is_empty()) {
        (true, _) => rest,
        (false, true) => before,
        // Words on both sides and no clear item: keep all of it.
        (false, false) => {
            return Some(Thing { item: format!("{before} {rest}"), unit, thousandths: quantity.thousandths });
        }
    };
    // `100 suất quà`: the unit is all there is.
    let item = if item.is_empty() { unit.clone() } else { item.to_owned() };
    (!item.is_empty()).then_some(Thing { item, unit, thousandths: quantity.thousandths })
}

/// The unit at the start of a text, and the rest.
fn split_unit(text: &str) -> (String, &str) {
    let words: Vec<&str> = text.split(' ').collect();
    for count in [2, 1] {
        if words.len() >= count {
            let unit = words[..count].join(" ");
            let rest = words[count..].join(" ");
            if UNITS.contains(&fold(&unit).as_str()) {
                let from = text.len() - rest.len();
                return (unit, text[from..].trim());
            }
        }
    }
    (String::new(), text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(text: &str) -> Vec<(String, String, i64)> {
        let things = things_of_text(text).unwrap_or_default();
        things.into_iter().map(|thing| (thing.item, thing.unit, thing.thousandths)).collect()
    }

    #[test]
    fn goods_in_one_cell_of_text_are_told_apart() {
        assert_eq!(told("500 kg gạo"), [("gạo".into(), "kg".into(), 500_000)]);
        assert_eq!(told("Gạo 500kg"), [("Gạo".into(), "kg".into(), 500_000)]);
        assert_eq!(told("100 suất quà"), [("suất quà".into(), "suất quà".into(), 100_000)]);
        assert_eq!(
            told("1.000 kg rau xanh, 20 thùng mì và 10,5 kg đường"),
            [
                ("rau xanh".into(), "kg".into(), 1_000_000),
                ("mì".into(), "thùng".into(), 20_000),
                ("đường".into(), "kg".into(), 10_500)
            ]
        );
        assert_eq!(told("Trứng gà: 6000 quả"), [("Trứng gà".into(), "quả".into(), 6_000_000)]);
        assert_eq!(told("Rau củ quả"), []);
    }

    #[test]
    fn packages_are_known_from_goods() {
        let packages =
            |item: &str, unit: &str| Thing { item: item.into(), unit: unit.into(), thousandths: 1000 }.is_packages();
        assert!(packages("Suất quà", "suất"));
        assert!(packages("Phần quà Tết", "phần"));
        assert!(packages("Quà", "suất"));
        assert!(packages("suất", ""));
        assert!(packages("Túi an sinh", "túi"));
        assert!(!packages("Trứng gà", "quả"));
        assert!(!packages("Suất cơm", "suất"));
        assert!(!packages("Rau củ quả", "kg"));
        assert!(!packages("Gạo", "kg"));
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "\\PC*", listed in "[0-9., ;+a-zà-ỹ]{0,40}") {
            let _ = (things_of_text(&text), things_of_text(&listed));
        }
    }
}
