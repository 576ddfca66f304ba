//! What one row of a list of donors says was given, with its value.

use super::options::ReadOptions;
use super::things::{DonationLine, Thing, is_cash_word, things_of_text};
use crate::kernel::Dong;
use crate::kernel::message::{Invalid, Message};
use crate::kernel::money::group_thousands;
use crate::kernel::vietnamese::fold;
use crate::spreadsheet::FieldReader;
use crate::spreadsheet::answers::is_nothing;
use crate::spreadsheet::values::{Amount, amount, money};

/// All that the row says was given. An error when it says nothing.
pub(crate) fn read_lines(fields: &mut FieldReader<'_>, options: ReadOptions) -> Vec<DonationLine> {
    let mut lines = Vec::new();
    let cash = fields.take("cash", money(fields.cell("cash"), options.unit)).flatten();
    let item = fields.text("item").filter(|text| !is_nothing(text));
    let failed = fields.failed();
    match item {
        Some(item) if is_cash_word(&item) => {
            let stated = cash.or_else(|| fields.take("value", money(fields.cell("value"), options.unit)).flatten());
            let stated =
                stated.or_else(|| fields.take("quantity", money(fields.cell("quantity"), options.unit)).flatten());
            match stated {
                Some(amount) => lines.extend(cash_line(fields, amount)),
                None if !failed => fields.error("cash", missing_value()),
                None => {}
            }
            return lines;
        }
        Some(item) => lines.extend(read_things(fields, item, options)),
        None if !fields.cell("quantity").is_empty() && !fields.cell("unit").is_empty() => {
            let unit = fields.text("unit").unwrap_or_default();
            lines.extend(read_things(fields, unit, options));
        }
        None => {}
    }
    if let Some(amount) = cash {
        lines.extend(cash_line(fields, amount));
    }
    if lines.is_empty() && !fields.failed() {
        fields.error(
            "item",
            Invalid::fixed(
                "required",
                "Dòng không ghi ủng hộ gì: thiếu hiện vật và số tiền.",
                "The row does not say what was given: neither goods nor money.",
            ),
        );
    }
    lines
}

fn cash_line(fields: &mut FieldReader<'_>, amount: Dong) -> Option<DonationLine> {
    if amount.0 == 0 {
        return None;
    }
    if !(10_000..=10_000_000_000).contains(&amount.0) {
        fields.warn("cash", implausible(format!("Số tiền {amount}"), format!("An amount of {amount}")));
    }
    Some(DonationLine::Cash { amount })
}

/// Goods or packages, from the columns of item, unit and quantity, or from the item's text alone.
fn read_things(fields: &mut FieldReader<'_>, item: String, options: ReadOptions) -> Vec<DonationLine> {
    let quantity = fields.take("quantity", amount(fields.cell("quantity")));
    let value = fields.take("value", money(fields.cell("value"), options.unit));
    let price = fields.take("unit_price", money(fields.cell("unit_price"), options.unit));
    let (Some(quantity), Some(value), Some(price)) = (quantity, value, price) else { return Vec::new() };
    let things = match quantity {
        Some(Amount { thousandths, unit }) => {
            let unit = fields.text("unit").or(unit).unwrap_or_default();
            Some(vec![Thing { item, unit, thousandths }])
        }
        None => things_of_text(&item),
    };
    let Some(things) = things else {
        fields.error(
            "quantity",
            Invalid::fixed("required", "Thiếu số lượng hiện vật.", "The quantity of the goods is missing."),
        );
        return Vec::new();
    };
    let value = value_of(fields, &things, value, price);
    if things.len() > 1 && value.is_some() {
        fields.warn(
            "value",
            Invalid::fixed(
                "value_of_several",
                "Một ô có nhiều mặt hàng nhưng chỉ một trị giá; ghi cả trị giá vào mặt hàng đầu.",
                "Several goods share one value; all of it was put on the first.",
            ),
        );
    }
    let mut left = value;
    things.into_iter().filter_map(|thing| line_of(fields, thing, left.take())).collect()
}

/// The stated value, or price × quantity; told when both are there and differ.
fn value_of(fields: &mut FieldReader<'_>, things: &[Thing], value: Option<Dong>, price: Option<Dong>) -> Option<Dong> {
    let (Some(price), [thing]) = (price, things) else { return value };
    let computed = (i128::from(price.0) * i128::from(thing.thousandths) + 500) / 1000;
    let Ok(computed) = i64::try_from(computed).map_err(|_| ()).and_then(|dong| Dong::parse(dong).map_err(|_| ()))
    else {
        fields.error("unit_price", Dong::parse(-1).err().unwrap_or_else(missing_value));
        return value;
    };
    if value.is_some_and(|value| value != computed) {
        fields.warn(
            "value",
            Invalid::new(
                "value_differs",
                Message::new(
                    format!("Số lượng × đơn giá = {computed}, khác với trị giá ghi trong danh sách."),
                    format!("Quantity × price = {computed}, not the value that the list says."),
                ),
            ),
        );
    }
    value.or(Some(computed))
}

fn missing_value() -> Invalid {
    Invalid::fixed("required", "Thiếu trị giá.", "The value is missing.")
}

fn line_of(fields: &mut FieldReader<'_>, thing: Thing, value: Option<Dong>) -> Option<DonationLine> {
    if thing.is_cash() {
        return value.and_then(|amount| cash_line(fields, amount));
    }
    let value = value.filter(|value| value.0 > 0);
    if thing.is_packages() {
        if thing.thousandths % 1000 != 0 {
            let wrong =
                Invalid::fixed("not_a_number", "Số suất quà phải là số nguyên.", "Packages are a whole number.");
            fields.error("quantity", wrong);
            return None;
        }
        let Some(value) = value else {
            fields.error(
                "value",
                Invalid::fixed(
                    "required",
                    "Suất quà phải có trị giá. Điền trị giá.",
                    "Packages need a value. Fill it in.",
                ),
            );
            return None;
        };
        let count = thing.thousandths / 1000;
        let each = Dong(value.0 / count);
        if !(10_000..=10_000_000).contains(&each.0) {
            fields
                .warn("value", implausible(format!("Trị giá {each} mỗi suất"), format!("A value of {each} a package")));
        }
        return Some(DonationLine::Packages { name: thing.item, count, value });
    }
    match value {
        None => fields.warn(
            "value",
            Invalid::fixed("no_value", "Chưa ghi trị giá; tạm tính là 0.", "No value is stated; taken as 0."),
        ),
        Some(value) => check_price(fields, &thing, value),
    }
    Some(DonationLine::Goods {
        item: thing.item,
        unit: thing.unit,
        thousandths: thing.thousandths,
        value: value.unwrap_or_default(),
    })
}

/// Warns when goods cost what they never cost: the sign of a wrong unit of money.
fn check_price(fields: &mut FieldReader<'_>, thing: &Thing, value: Dong) {
    let each = i128::from(value.0) * 1000 / i128::from(thing.thousandths.max(1));
    let kg = matches!(fold(&thing.unit).as_str(), "kg" | "ky" | "ki" | "kilogam");
    let plausible = if kg { 1_000..=2_000_000 } else { 100..=100_000_000 };
    if !plausible.contains(&each) {
        let each = group_thousands(i64::try_from(each).unwrap_or(i64::MAX));
        let unit = if thing.unit.is_empty() { "đơn vị" } else { &thing.unit };
        fields.warn(
            "value",
            implausible(format!("Trị giá {each} đ mỗi {unit}"), format!("A value of {each} đ per {unit}")),
        );
    }
}

fn implausible(vi: String, en: String) -> Invalid {
    Invalid::new(
        "implausible",
        Message::new(
            format!("{vi} khó tin. Kiểm tra đơn vị tính (đồng hay nghìn đồng)."),
            format!("{en} is implausible. Check the unit (đồng or thousands of đồng)."),
        ),
    )
}
