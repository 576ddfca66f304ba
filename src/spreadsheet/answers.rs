//! Fields that several kinds of lists have: phones and addresses, and the words that stand for nothing.

use super::cell::Cell;
use super::fields::FieldReader;
use crate::kernel::PhoneNumber;
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::fold;

/// The longest name, address or note, in characters.
pub const LONGEST: usize = 300;

/// Says that a text is longer than [`LONGEST`].
pub fn too_long() -> Invalid {
    Invalid::fixed("too_long", "Dài quá 300 ký tự. Rút gọn lại.", "Longer than 300 characters. Shorten it.")
}

/// The phone of a row. The first column with anything counts; two numbers in one cell are told, and the first is taken.
pub fn read_phone(fields: &mut FieldReader<'_>) -> Option<PhoneNumber> {
    let text = fields.text("phone").filter(|text| !is_nothing(text))?;
    let whole = PhoneNumber::parse(&text);
    let mut parts = text.split(['/', ';', ',', '|']).map(str::trim).filter(|part| !part.is_empty());
    if whole.is_err()
        && let (Some(first), true) = (parts.next(), parts.clone().next().is_some())
        && let Ok(phone) = PhoneNumber::parse(first)
        && parts.all(|part| PhoneNumber::parse(part).is_ok())
    {
        fields.warn(
            "phone",
            Invalid::fixed(
                "several_phones",
                "Ô có nhiều số điện thoại; chỉ giữ số đầu.",
                "Several phones; the first is kept.",
            ),
        );
        return Some(phone);
    }
    fields.take("phone", whole)
}

/// Words for an empty cell: `không`, `ko có`, `x`, `-`.
pub fn is_nothing(text: &str) -> bool {
    matches!(
        fold(text).as_str(),
        "" | "khong" | "khong co" | "ko" | "ko co" | "k co" | "chua co" | "x" | "kg co" | "none" | "na"
    )
}

/// The address of a row: of its own column, else house number and street.
pub fn read_address(fields: &mut FieldReader<'_>) -> Option<String> {
    // A house number such as 12/5 that a spreadsheet took for a day.
    let one = |cell: &Cell| match cell {
        Cell::Date(day) => format!("{}/{}", day.date().day(), day.date().month()),
        other => other.shown(),
    };
    let parts: Vec<String> =
        ["house_number", "street"].iter().map(|f| one(fields.cell(f))).filter(|t| !t.is_empty()).collect();
    let (field, text) = match one(fields.cell("address")) {
        text if !text.is_empty() => ("address", text),
        _ => ("house_number", parts.join(" ")),
    };
    if matches!(fields.cell(field), Cell::Date(_)) {
        fields.warn(
            field,
            Invalid::fixed(
                "address_shown_as_day",
                "Excel đã đổi số nhà thành ngày; đã đọc lại thành số nhà. Xem lại.",
                "The spreadsheet made a day of the house number; it was read back. Check it.",
            ),
        );
    }
    if text.chars().count() > LONGEST {
        fields.error(field, too_long());
        return None;
    }
    (!text.is_empty()).then_some(text)
}
