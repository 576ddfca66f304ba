//! Reads the rows of a list of landlords.

use std::collections::BTreeMap;

use super::duplicates;
use super::options::Options;
use super::reduction::Reduction;
use super::row::ReductionRow;
use crate::http::{Result, Upload};
use crate::imports::rows::{ListRows, Read, area_field, forget_duplicates};
use crate::imports::staged::Progress;
use crate::imports::staged::steps::Typed;
use crate::kernel::message::{Invalid, Message};
use crate::kernel::vietnamese::{fold, title_case};
use crate::kernel::{Day, Dong};
use crate::landlords::import::RentReductions;
use crate::landlords::import::vocabulary::VOCABULARY;
use crate::spreadsheet;
use crate::spreadsheet::answers::{LONGEST, read_address, read_phone};
use crate::spreadsheet::values::{MoneyUnit, MonthSpan, count, money, month, month_span, unit_of_title};
use crate::spreadsheet::{
    Choice, FieldReader, ListRow, RowAt, SheetReading, Vocabulary, Workbook, read_list, read_typed,
};

/// The most rooms on one row.
const MOST_ROOMS: i64 = 500;

/// The most months on one row.
const MOST_MONTHS: i32 = 36;

/// Reads a workbook of landlords: every row with its status.
pub fn read(workbook: &Workbook, choices: &[Choice]) -> Read<ReductionRow> {
    let mut reading = read_list(workbook, &VOCABULARY, choices, |fields| Some(read_row(fields)))?;
    duplicates::tell_landlords_apart(&mut reading.rows);
    duplicates::mark(&mut reading.rows);
    Ok(reading)
}

/// Checks one row as a clerk corrected it: texts by field name (see [`VOCABULARY`]). Duplicates are not looked for.
pub fn check_typed(values: &BTreeMap<String, String>, at: RowAt) -> ListRow<ReductionRow> {
    read_typed(values, &VOCABULARY, at, |fields| Some(read_row(fields)))
}

/// The fields that say which months.
const MONTHS: [&str; 4] = ["from", "to", "months", "month_count"];

/// Reads a row with errors again, with what a clerk typed for some of its fields. Landlords are not told apart and
/// duplicates not looked for.
fn correct(row: &mut ListRow<ReductionRow>, sheet: &SheetReading, typed: &Typed) {
    let Some(own) = &row.parsed else { return };
    let said = [
        ("landlord", Some(own.landlord_name.clone())),
        ("phone", own.phone.as_ref().map(|phone| phone.as_str().to_owned())),
        ("address", own.address.clone()),
        ("area", own.area_text.clone()),
    ];
    let known = said.into_iter().filter_map(|(field, text)| Some((field, text?))).collect();
    let mut typed = typed.clone();
    if typed.contains_key("landlord") {
        typed.entry("given_name".to_owned()).or_default();
    }
    if let (Some(from), Some(to)) = (own.from, own.to)
        && !MONTHS.iter().any(|field| typed.contains_key(*field))
    {
        // Their year may stand in the title only.
        typed.insert("from".to_owned(), from.for_people());
        typed.insert("to".to_owned(), to.for_people());
    }
    *row = spreadsheet::reread(row, sheet, &VOCABULARY, &known, &typed, |fields| Some(read_row(fields)));
}

fn read_row(fields: &mut FieldReader<'_>) -> ReductionRow {
    let landlord_name = read_name(fields);
    let phone = read_phone(fields);
    let rooms = read_rooms(fields);
    let rent = read_rent(fields);
    let reduction = read_reduction(fields, rent);
    let span = read_months(fields);
    let total = read_total(fields, rooms, rent, reduction, span);
    ReductionRow {
        landlord: 0,
        landlord_name,
        phone,
        address: read_address(fields),
        area_text: fields.text("area").or_else(|| fields.area_above().map(str::to_owned)),
        rooms,
        rent,
        reduction,
        from: span.map(|span| span.from),
        to: span.map(|span| span.to),
        total,
        note: fields.text("note"),
    }
}

fn read_name(fields: &mut FieldReader<'_>) -> String {
    let name = fields.name().unwrap_or_default();
    if fold(&name).chars().any(char::is_alphabetic) && name.chars().count() <= LONGEST {
        return title_case(&name);
    }
    fields.error(
        "landlord",
        Invalid::fixed(
            "required",
            "Thiếu tên chủ nhà trọ. Điền họ tên.",
            "The landlord's name is missing. Fill it in.",
        ),
    );
    String::new()
}

fn required(vi: &'static str, en: &'static str) -> Invalid {
    Invalid::fixed("required", vi, en)
}

fn read_rooms(fields: &mut FieldReader<'_>) -> Option<u16> {
    let wrong = |code| {
        Invalid::fixed(code, "Số phòng phải là số nguyên từ 1 đến 500.", "Rooms are a whole number from 1 to 500.")
    };
    let rooms = match count(fields.cell("rooms")) {
        Ok(None) => Err(required("Thiếu số phòng.", "The number of rooms is missing.")),
        Ok(Some(rooms)) if (1..=MOST_ROOMS).contains(&rooms) => u16::try_from(rooms).map_err(|_| wrong("out_of_range")),
        Ok(Some(_)) => Err(wrong("out_of_range")),
        Err(_) => Err(wrong("not_a_number")),
    };
    fields.take("rooms", rooms)
}

/// The unit that a column's title states, đồng when it states none.
fn unit(fields: &FieldReader<'_>, field: &str) -> MoneyUnit {
    unit_of_title(&fields.title(field)).unwrap_or_default()
}

fn read_rent(fields: &mut FieldReader<'_>) -> Option<Dong> {
    let rent = match money(fields.cell("rent"), unit(fields, "rent")) {
        Ok(None) => Err(required("Thiếu giá thuê mỗi phòng mỗi tháng.", "The rent per room and month is missing.")),
        Ok(Some(Dong(0))) => Err(Invalid::fixed("out_of_range", "Giá thuê phải lớn hơn 0.", "Rent is above 0.")),
        Ok(Some(rent)) => Ok(rent),
        Err(wrong) => Err(wrong),
    };
    let rent = fields.take("rent", rent)?;
    if !(100_000..=20_000_000).contains(&rent.0) {
        fields.warn(
            "rent",
            Invalid::new(
                "implausible",
                Message::new(
                    format!("Giá thuê {rent} mỗi phòng mỗi tháng khó tin. Kiểm tra đơn vị tính (đồng hay nghìn đồng)."),
                    format!("A rent of {rent} per room and month is implausible. Check the unit (đồng or thousands)."),
                ),
            ),
        );
    }
    Some(rent)
}

fn read_reduction(fields: &mut FieldReader<'_>, rent: Option<Dong>) -> Option<Reduction> {
    let title = fields.title("reduction");
    let percents = title.contains('%') || fold(&title).contains("ty le") || fold(&title).contains("ti le");
    let cell = fields.cell("reduction");
    let read = match Reduction::read(cell, percents, unit(fields, "reduction")) {
        Ok(None) => Err(required(
            "Thiếu mức giảm: 30%, số tiền, hoặc Miễn.",
            "The reduction is missing: 30%, an amount, or Miễn.",
        )),
        Ok(Some(read)) => Ok(read),
        Err(wrong) => Err(wrong),
    };
    let reduction = fields.take("reduction", read)?;
    if let (Reduction::Amount { amount }, Some(rent)) = (reduction, rent)
        && amount > rent
    {
        fields.error(
            "reduction",
            Invalid::new(
                "more_than_rent",
                Message::new(
                    format!("Mức giảm {amount} lớn hơn giá thuê {rent}. Sửa lại mức giảm hoặc giá thuê."),
                    format!("The reduction {amount} is more than the rent {rent}. Correct one of them."),
                ),
            ),
        );
        return None;
    }
    Some(reduction)
}

fn read_months(fields: &mut FieldReader<'_>) -> Option<MonthSpan> {
    let year = fields.title_year();
    let field = if fields.cell("from").is_empty() && !fields.cell("months").is_empty() { "months" } else { "from" };
    let first = match month_span(fields.cell(field), year) {
        Ok(None) => {
            Err(required("Thiếu tháng bắt đầu giảm, ví dụ 7/2021.", "The first month is missing, for example 7/2021."))
        }
        Ok(Some(span)) => Ok(span),
        Err(wrong) => Err(wrong),
    };
    let first = fields.take(field, first)?;
    let to = fields.take("to", month(fields.cell("to"), year.or(Some(first.to.year()))))?;
    let counted = fields.take("month_count", count(fields.cell("month_count")))?;
    let last = to.or_else(|| {
        let more = i32::try_from(counted?).ok()?.checked_sub(1)?;
        (first.from == first.to && more > 0).then(|| first.from.plus(more)).flatten()
    });
    let span = MonthSpan { from: first.from, to: last.unwrap_or(first.to) };
    let months = span.from.months_through(span.to);
    let wrong = if months < 1 {
        Invalid::new(
            "to_before_from",
            Message::new(
                format!("Tháng kết thúc {} trước tháng bắt đầu {}.", span.to.for_people(), span.from.for_people()),
                format!("The last month {} is before the first {}.", span.to.for_people(), span.from.for_people()),
            ),
        )
    } else if months > MOST_MONTHS {
        Invalid::new(
            "out_of_range",
            Message::new(
                format!("Thời gian giảm {months} tháng, nhiều hơn {MOST_MONTHS} tháng. Kiểm tra lại năm."),
                format!("{months} months are more than {MOST_MONTHS}. Check the year."),
            ),
        )
    } else {
        return Some(span);
    };
    let field = if fields.cell("to").is_empty() { field } else { "to" };
    fields.error(field, wrong);
    None
}

/// The computed total; an error when the row states another.
fn read_total(
    fields: &mut FieldReader<'_>,
    rooms: Option<u16>,
    rent: Option<Dong>,
    reduction: Option<Reduction>,
    span: Option<MonthSpan>,
) -> Option<Dong> {
    let stated = fields.take("total", money(fields.cell("total"), unit(fields, "total")))?;
    let (rooms, rent, reduction, span) = (rooms?, rent?, reduction?, span?);
    let months = span.from.months_through(span.to);
    let per_room = reduction.per_room_month(rent);
    let total = i128::from(per_room.0) * i128::from(rooms) * i128::from(months);
    let total = i64::try_from(total).ok().filter(|total| *total <= Dong::MAX_FIELD).map(Dong);
    let Some(total) = total else {
        fields.error(
            "total",
            Invalid::fixed(
                "out_of_range",
                "Tổng tiền giảm tính ra quá lớn. Kiểm tra đơn vị tính của giá thuê và mức giảm.",
                "The computed total is too large. Check the unit of rent and reduction.",
            ),
        );
        return None;
    };
    if let Some(stated) = stated.filter(|stated| *stated != total) {
        fields.error(
            "total",
            Invalid::new(
                "total_differs",
                Message::new(
                    format!(
                        "Danh sách ghi {stated}, nhưng {rooms} phòng × {months} tháng × {per_room} = {total}. Sửa lại cho khớp."
                    ),
                    format!(
                        "The list says {stated}, but {rooms} rooms × {months} months × {per_room} = {total}. Make them agree."
                    ),
                ),
            ),
        );
        return None;
    }
    Some(total)
}

impl ListRows for RentReductions {
    const VOCABULARY: &'static Vocabulary = &VOCABULARY;

    type Row = ReductionRow;
    type Options = Options;

    fn options(upload: &Upload) -> Result<Options> {
        Ok(Options { area_id: area_field(upload)?, columns: Vec::new() })
    }

    fn columns(options: &mut Options) -> &mut Vec<Choice> {
        &mut options.columns
    }

    fn read(book: &Workbook, options: &Options, _today: Day, _progress: &Progress) -> Read<ReductionRow> {
        read(book, &options.columns)
    }

    fn correct(row: &mut ListRow<ReductionRow>, sheet: &SheetReading, typed: &Typed, _options: &Options, _today: Day) {
        correct(row, sheet, typed);
    }

    fn mark_again(rows: &mut [ListRow<ReductionRow>], _corrected: &[usize]) {
        forget_duplicates(rows);
        // Who is who may be otherwise now too.
        duplicates::tell_landlords_apart(rows);
        duplicates::mark(rows);
    }
}
