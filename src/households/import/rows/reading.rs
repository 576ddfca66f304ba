//! Reads the rows of a list of households.

use std::collections::BTreeMap;

use super::duplicates;
use super::options::Options;
use super::row::HouseholdRow;
use crate::households::Category;
use crate::households::import::Households;
use crate::households::import::vocabulary::{TICKED, VOCABULARY};
use crate::http::{Result, Upload};
use crate::imports::rows::{ListRows, Read, area_field};
use crate::imports::staged::Progress;
use crate::imports::staged::steps::Typed;
use crate::kernel::message::{Invalid, Message};
use crate::kernel::vietnamese::{clean, fold, title_case};
use crate::kernel::{CitizenId, Day};
use crate::spreadsheet;
use crate::spreadsheet::answers::{LONGEST, is_nothing, read_address, read_phone, too_long};
use crate::spreadsheet::values::{birth_year, count};
use crate::spreadsheet::{
    Cell, Choice, FieldReader, ListRow, RowAt, SheetReading, Vocabulary, Workbook, read_list_at_once, read_typed,
};

/// The most people one household may have on a list.
const MOST_MEMBERS: i64 = 30;

/// Reads a workbook of households: every row with its status. `today` bounds years of birth.
pub fn read(workbook: &Workbook, choices: &[Choice], today: Day) -> Read<HouseholdRow> {
    read_followed(workbook, choices, today, &Progress::default())
}

/// The same, telling how far it is.
pub fn read_followed(workbook: &Workbook, choices: &[Choice], today: Day, progress: &Progress) -> Read<HouseholdRow> {
    let reading = read_list_at_once(workbook, &VOCABULARY, choices, |fields| {
        progress.read_one();
        let row = read_row(fields, today);
        Some((row, fields.name().is_some_and(|name| is_shouted(&name))))
    })?;
    let mut shouted = Vec::with_capacity(reading.rows.len());
    let mut reading = reading.map(|(row, is_shouted)| {
        shouted.push(is_shouted);
        row
    });
    duplicates::mark(&mut reading.rows, &shouted);
    Ok(reading)
}

/// Checks one row as a clerk corrected it: texts by field name (see [`VOCABULARY`]). Duplicates are not looked for.
pub fn check_typed(values: &BTreeMap<String, String>, at: RowAt, today: Day) -> ListRow<HouseholdRow> {
    read_typed(values, &VOCABULARY, at, |fields| Some(read_row(fields, today)))
}

/// Puts what a clerk typed for some fields of a row in place of what the file says. Duplicates are not looked for.
pub fn correct(row: &mut ListRow<HouseholdRow>, typed: &Typed, today: Day) {
    let mut values = typed.clone();
    if let Some(year) = row.parsed.as_ref().and_then(|parsed| parsed.birth_year) {
        // The id number is compared with the year, whichever of the two is typed.
        values.entry("birth_year".to_owned()).or_insert_with(|| year.to_string());
    }
    let checked = check_typed(&values, row.at, today);
    spreadsheet::correct(row, typed, checked, |own, read| {
        for field in typed.keys() {
            match field.as_str() {
                "head_name" => own.head_name.clone_from(&read.head_name),
                "phone" => own.phone.clone_from(&read.phone),
                "citizen_id" => own.citizen_id.clone_from(&read.citizen_id),
                "birth_year" => own.birth_year = read.birth_year,
                "area" => own.area_text.clone_from(&read.area_text),
                "address" => own.address.clone_from(&read.address),
                "members" => own.members = read.members,
                "category" => own.category = read.category,
                "note" => own.note.clone_from(&read.note),
                _ => {}
            }
        }
    });
}

/// The fields of a row that may be typed anew.
pub const TYPED: [&str; 9] =
    ["head_name", "phone", "citizen_id", "birth_year", "area", "address", "members", "category", "note"];

fn is_shouted(name: &str) -> bool {
    name.chars().any(char::is_uppercase) && !name.chars().any(char::is_lowercase)
}

fn read_row(fields: &mut FieldReader<'_>, today: Day) -> HouseholdRow {
    let birth = birth_year(fields.cell("birth_year"), today);
    let birth = fields.take("birth_year", birth).flatten();
    if let Some(odd) = birth.as_ref().and_then(|birth| birth.odd.clone()) {
        fields.warn("birth_year", odd);
    }
    let birth_year = birth.map(|birth| birth.year);
    let (category, category_text) = read_category(fields);
    HouseholdRow {
        head_name: read_name(fields),
        phone: read_phone(fields),
        citizen_id: read_citizen_id(fields, birth_year, today),
        birth_year,
        area_text: fields.text("area").or_else(|| fields.area_above().map(str::to_owned)),
        address: read_address(fields),
        members: read_members(fields),
        category,
        note: read_note(fields, category_text),
    }
}

fn read_name(fields: &mut FieldReader<'_>) -> String {
    let name = fields.name().unwrap_or_default();
    if fold(&name).chars().any(char::is_alphabetic) {
        if name.chars().count() > LONGEST {
            fields.error("head_name", too_long());
            return String::new();
        }
        return title_case(&name);
    }
    fields.error(
        "head_name",
        Invalid::fixed("required", "Thiếu họ tên chủ hộ. Điền họ tên.", "The head's name is missing. Fill it in."),
    );
    String::new()
}

fn read_citizen_id(fields: &mut FieldReader<'_>, birth_year: Option<i16>, today: Day) -> Option<CitizenId> {
    let text = fields.text("citizen_id").filter(|text| !is_nothing(text))?;
    // A CMND beside the CCCD in one cell: the CCCD is in force.
    let parts: Vec<CitizenId> = text.split(['/', ';', ',']).filter_map(|part| CitizenId::parse(part).ok()).collect();
    let parsed = match (CitizenId::parse(&text), parts.as_slice()) {
        (Err(_), [first, second]) if first.is_cmnd() != second.is_cmnd() => {
            Ok(if first.is_cmnd() { second.clone() } else { first.clone() })
        }
        (parsed, _) => parsed,
    };
    let id = fields.take("citizen_id", parsed)?;
    for odd in id.warnings(birth_year, today) {
        fields.warn("citizen_id", odd);
    }
    Some(id)
}

fn read_members(fields: &mut FieldReader<'_>) -> Option<u8> {
    let cell = fields.cell("members");
    if cell.is_empty() {
        if fields.has_column("members") {
            fields.warn(
                "members",
                Invalid::fixed(
                    "members_assumed",
                    "Chưa ghi số nhân khẩu; tạm tính là 1.",
                    "No number of members; taken as 1.",
                ),
            );
        }
        return Some(1);
    }
    let out_of_range = || {
        Invalid::new(
            "out_of_range",
            Message::fixed(
                "Số nhân khẩu phải là số nguyên từ 1 đến 30. Sửa lại hoặc để trống.",
                "Members are a whole number from 1 to 30. Correct it or leave it out.",
            ),
        )
    };
    let members = match count(cell) {
        Ok(Some(members)) if (1..=MOST_MEMBERS).contains(&members) => u8::try_from(members).map_err(|_| out_of_range()),
        Ok(_) => Err(out_of_range()),
        Err(_) => Err(Invalid { code: "not_a_number", ..out_of_range() }),
    };
    fields.take("members", members)
}

/// The category, and the list's words when they say more than it.
fn read_category(fields: &mut FieldReader<'_>) -> (Option<Category>, Option<String>) {
    if let Some(text) = fields.text("category").filter(|text| !is_nothing(text)) {
        let category = Category::recognise(&text).unwrap_or(Category::Other);
        let more = !category.is_all_of(&text);
        return (Some(category), more.then_some(text));
    }
    let ticked =
        |field: &str| fields.text(field).is_some_and(|text| !matches!(fold(&text).as_str(), "0" | "khong" | "false"));
    if let Some((_, category)) = TICKED.iter().find(|(field, _)| ticked(field)) {
        return (Some(*category), None);
    }
    let from_note = fields.text("note").and_then(|note| Category::recognise(&note)).filter(|c| *c != Category::Other);
    let from_section = fields.section_above().and_then(Category::recognise);
    (from_note.or(from_section), None)
}

fn read_note(fields: &FieldReader<'_>, category_text: Option<String>) -> Option<String> {
    let mut parts: Vec<String> = category_text.into_iter().collect();
    parts.extend(fields.cells("note").map(Cell::shown));
    let note: String = clean(&parts.join("; ")).chars().take(LONGEST).collect();
    (!note.is_empty()).then_some(note)
}

impl ListRows for Households {
    const VOCABULARY: &'static Vocabulary = &VOCABULARY;

    type Row = HouseholdRow;
    type Options = Options;

    fn options(upload: &Upload) -> Result<Options> {
        Ok(Options { area_id: area_field(upload)?, ..Options::default() })
    }

    fn columns(options: &mut Options) -> &mut Vec<Choice> {
        &mut options.columns
    }

    fn read(book: &Workbook, options: &Options, today: Day, progress: &Progress) -> Read<HouseholdRow> {
        read_followed(book, &options.columns, today, progress)
    }

    fn typed() -> Vec<&'static str> {
        TYPED.to_vec()
    }

    fn correctable(row: &ListRow<HouseholdRow>) -> bool {
        row.parsed.is_some()
    }

    fn correct(row: &mut ListRow<HouseholdRow>, _sheet: &SheetReading, typed: &Typed, _options: &Options, today: Day) {
        correct(row, typed, today);
    }

    fn mark_again(rows: &mut [ListRow<HouseholdRow>], corrected: &[usize]) {
        duplicates::mark_corrected(rows, corrected);
    }
}
