//! Reads the rows of a list of donors.

use std::collections::BTreeMap;

use super::donor::{Donor, guess_kind, is_anonymous};
use super::duplicates;
use super::lines::read_lines;
use super::options::{Options, ReadOptions};
use super::row::DonationRow;
use crate::donations::donor::DonorKind;
use crate::donations::import::Donations;
use crate::donations::import::vocabulary::VOCABULARY;
use crate::http::{Result, Upload};
use crate::imports::rows::{ListRows, Read, forget_duplicates};
use crate::imports::staged::Progress;
use crate::imports::staged::steps::Typed;
use crate::kernel::Day;
use crate::kernel::message::{Invalid, Message};
use crate::kernel::vietnamese::{fold, title_case};
use crate::spreadsheet;
use crate::spreadsheet::answers::{LONGEST, read_phone};
use crate::spreadsheet::issue::file_issue;
use crate::spreadsheet::values::{MoneyUnit, day, unit_of_title};
use crate::spreadsheet::{
    Choice, FieldReader, Issue, ListRow, RowAt, SheetReading, Vocabulary, Workbook, read_list, read_typed,
};

/// Reads a workbook of donors: every row with its status. Nothing was received after `today`.
pub fn read(workbook: &Workbook, choices: &[Choice], options: ReadOptions, today: Day) -> Read<DonationRow> {
    // A row that names no donor continues the one above it: its donor and its day.
    let mut above: Option<(Donor, Option<Day>)> = None;
    let mut titles = Vec::new();
    let mut reading = read_list(workbook, &VOCABULARY, choices, |fields| {
        if titles.is_empty() {
            titles = ["value", "cash", "unit_price"]
                .iter()
                .filter(|f| fields.has_column(f))
                .map(|f| fields.title(f))
                .collect();
        }
        let row = read_row(fields, options, today, above.as_ref());
        if let Some(donor) = &row.donor {
            above = Some((donor.clone(), row.received_on));
        }
        Some(row)
    })?;
    reading.warnings.extend(unit_warning(&titles, options));
    duplicates::mark(&mut reading.rows);
    Ok(reading)
}

/// Checks one row as a clerk corrected it: texts by field name (see [`VOCABULARY`]). Duplicates are not looked for.
pub fn check_typed(
    values: &BTreeMap<String, String>,
    at: RowAt,
    options: ReadOptions,
    today: Day,
) -> ListRow<DonationRow> {
    read_typed(values, &VOCABULARY, at, |fields| Some(read_row(fields, options, today, None)))
}

/// Reads a row with errors again, with what a clerk typed for some of its fields. Duplicates are not looked for.
fn correct(row: &mut ListRow<DonationRow>, sheet: &SheetReading, typed: &Typed, options: ReadOptions, today: Day) {
    let Some(own) = &row.parsed else { return };
    let said = [
        ("donor", own.donor.as_ref().map(|donor| donor.name.clone())),
        ("date", own.received_on.map(|day| day.for_people())),
    ];
    let known = said.into_iter().filter_map(|(field, text)| Some((field, text?))).collect();
    let mut typed = typed.clone();
    if typed.contains_key("donor") {
        typed.entry("given_name".to_owned()).or_default();
    }
    *row = spreadsheet::reread(row, sheet, &VOCABULARY, &known, &typed, |fields| {
        Some(read_row(fields, options, today, None))
    });
}

fn read_row(
    fields: &mut FieldReader<'_>,
    options: ReadOptions,
    today: Day,
    above: Option<&(Donor, Option<Day>)>,
) -> DonationRow {
    let donor = read_donor(fields, above.map(|(donor, _)| donor));
    let continues = fields.cell("donor").is_empty();
    let received_on = read_day(fields, today, above.filter(|_| continues).and_then(|(_, day)| *day));
    let lines = read_lines(fields, options);
    DonationRow { donor, received_on, lines, condition: fields.text("condition"), note: fields.text("note") }
}

fn read_donor(fields: &mut FieldReader<'_>, above: Option<&Donor>) -> Option<Donor> {
    let name = fields.name().unwrap_or_default();
    if fold(&name).is_empty() || name.chars().count() > LONGEST {
        let numbered = !fields.cell("ordinal").is_empty();
        if let (Some(above), false, true) = (above, numbered, name.is_empty()) {
            fields.warn(
                "donor",
                Invalid::fixed(
                    "donor_from_above",
                    "Dòng không ghi tên; tính cho nhà hảo tâm ở dòng trên.",
                    "The row names no donor; it was counted for the one above.",
                ),
            );
            return Some(above.clone());
        }
        fields.error(
            "donor",
            Invalid::fixed(
                "required",
                "Thiếu tên đơn vị hoặc cá nhân ủng hộ. Nếu không muốn nêu tên, ghi: Ẩn danh.",
                "The donor's name is missing. If they do not want to be named, write: Ẩn danh (anonymous).",
            ),
        );
        return None;
    }
    let kind = guess_kind(&name);
    Some(Donor {
        anonymous: is_anonymous(&name),
        name: if kind == DonorKind::Person { title_case(&name) } else { name },
        kind,
        phone: read_phone(fields),
        address: fields.text("address"),
    })
}

fn read_day(fields: &mut FieldReader<'_>, today: Day, above: Option<Day>) -> Option<Day> {
    let received = match day(fields.cell("date"), today) {
        Ok(Some(day)) if day > today => Err(Invalid::fixed(
            "in_the_future",
            "Ngày nhận ủng hộ không thể ở tương lai. Sửa lại.",
            "A donation can't be received in the future. Correct the day.",
        )),
        Ok(Some(day)) if day.date().year() < 2000 => Err(Invalid::fixed(
            "out_of_range",
            "Ngày nhận ủng hộ trước năm 2000. Sửa lại.",
            "The day is before the year 2000. Correct it.",
        )),
        other => other,
    };
    let received = fields.take("date", received)?;
    if received.or(above).is_none() {
        fields.warn(
            "date",
            Invalid::fixed("no_date", "Chưa ghi ngày nhận.", "The list does not say when it was received."),
        );
    }
    received.or(above)
}

/// Told when a title states another unit than the clerk chose.
fn unit_warning(titles: &[String], options: ReadOptions) -> Option<Issue> {
    let title = titles.iter().find(|title| unit_of_title(title).is_some_and(|unit| unit != options.unit))?;
    let name = |unit: MoneyUnit| match unit {
        MoneyUnit::Dong => "đồng",
        MoneyUnit::Thousand => "nghìn đồng",
        MoneyUnit::Million => "triệu đồng",
    };
    let chosen = name(options.unit);
    Some(file_issue(
        "unit_differs",
        Message::new(
            format!("Tiêu đề cột \"{title}\" ghi đơn vị khác với đơn vị đã chọn ({chosen}). Chọn lại đơn vị nếu cần."),
            format!(
                "The column \"{title}\" states another unit than the one chosen ({chosen}). Choose again if needed."
            ),
        ),
    ))
}

impl ListRows for Donations {
    const VOCABULARY: &'static Vocabulary = &VOCABULARY;

    type Row = DonationRow;
    type Options = Options;

    fn options(upload: &Upload) -> Result<Options> {
        Options::of(&upload.fields)
    }

    fn columns(options: &mut Options) -> &mut Vec<Choice> {
        &mut options.columns
    }

    fn read(book: &Workbook, options: &Options, today: Day, _progress: &Progress) -> Read<DonationRow> {
        read(book, &options.columns, ReadOptions { unit: options.unit }, today)
    }

    fn correct(row: &mut ListRow<DonationRow>, sheet: &SheetReading, typed: &Typed, options: &Options, today: Day) {
        correct(row, sheet, typed, ReadOptions { unit: options.unit }, today);
    }

    fn mark_again(rows: &mut [ListRow<DonationRow>], _corrected: &[usize]) {
        forget_duplicates(rows);
        duplicates::mark(rows);
    }
}
