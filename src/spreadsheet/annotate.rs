//! The workbook that goes back to the neighbourhood: only the bad rows, each with its reasons, wrong cells coloured.

use std::collections::BTreeMap;
use std::ops::Range;

use rust_xlsxwriter::{Color, Format, FormatBorder, Workbook, Worksheet, XlsxError};

use super::reading::{Reading, SheetReading};
use super::row::{ListRow, RowStatus};
use crate::kernel::message::{Invalid, Lang};

/// Longest text one cell of a workbook holds.
const LONGEST_TEXT: usize = 32_767;

/// The bytes of an `.xlsx` with the rows that have errors: the original columns as text, so that no zero is lost, and
/// a last column with the reasons. One sheet per sheet of the file that has such rows.
pub fn error_workbook<T>(reading: &Reading<T>, lang: Lang) -> Result<Vec<u8>, Invalid> {
    let mut by_sheet: BTreeMap<usize, Vec<&ListRow<T>>> = BTreeMap::new();
    for row in reading.rows.iter().filter(|row| row.status == RowStatus::Error) {
        by_sheet.entry(row.at.sheet).or_default().push(row);
    }
    let mut workbook = Workbook::new();
    let formats = Formats::new();
    let mut used: Vec<String> = Vec::new();
    for (at, rows) in &by_sheet {
        let sheet = reading.sheets.iter().find(|sheet| sheet.sheet == *at);
        let name = sheet_name(sheet.map_or("", |sheet| &sheet.name), *at, &used);
        used.push(name.to_lowercase());
        let added = workbook.add_worksheet_with_constant_memory().map_err(|_| NOT_WRITTEN)?;
        write_sheet(added, &name, sheet, rows, lang, &formats).map_err(|_| NOT_WRITTEN)?;
    }
    if by_sheet.is_empty() {
        let empty = workbook.add_worksheet();
        let text = match lang {
            Lang::Vi => "Không có dòng nào bị lỗi.",
            Lang::En => "No row has an error.",
        };
        empty.write_string(0, 0, text).map_err(|_| NOT_WRITTEN)?;
    }
    workbook.save_to_buffer().map_err(|_| NOT_WRITTEN)
}

const NOT_WRITTEN: Invalid = Invalid::fixed(
    "not_written",
    "Không tạo được tệp Excel. Thử lại; nếu vẫn lỗi, báo người quản trị.",
    "The Excel file could not be made. Try again; if it still fails, tell the administrator.",
);

struct Formats {
    head: Format,
    text: Format,
    wrong: Format,
    reason: Format,
}

impl Formats {
    fn new() -> Self {
        let text = Format::new().set_num_format("@").set_border(FormatBorder::Thin).set_text_wrap();
        Self {
            head: Format::new()
                .set_bold()
                .set_border(FormatBorder::Thin)
                .set_text_wrap()
                .set_background_color(Color::RGB(0x00E2_EFDA)),
            wrong: text.clone().set_background_color(Color::RGB(0x00FF_C7CE)).set_font_color(Color::RGB(0x009C_0006)),
            reason: text.clone().set_font_color(Color::RGB(0x009C_0006)),
            text,
        }
    }
}

fn write_sheet<T>(
    sheet: &mut Worksheet,
    name: &str,
    reading: Option<&SheetReading>,
    rows: &[&ListRow<T>],
    lang: Lang,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let titles = reading.map_or(&[][..], |reading| &reading.titles);
    let width = rows.iter().map(|row| row.original.len()).max().unwrap_or(0).max(titles.len());
    let (row_title, reason_title) = match lang {
        Lang::Vi => ("Dòng", "Lý do"),
        Lang::En => ("Row", "Reason"),
    };
    sheet.set_name(name)?;
    for column in 0..width {
        sheet.set_column_width(column_at(column + 1), 18)?;
    }
    sheet.set_column_width(column_at(width + 1), 60)?;
    sheet.set_freeze_panes(1, 0)?;
    sheet.write_string_with_format(0, 0, row_title, &formats.head)?;
    for column in columns(width) {
        let title = titles.get(column).map_or("", String::as_str);
        sheet.write_string_with_format(0, column_at(column + 1), cut(title), &formats.head)?;
    }
    sheet.write_string_with_format(0, column_at(width + 1), reason_title, &formats.head)?;
    for (at, row) in (1..).zip(rows) {
        sheet.write_number_with_format(at, 0, row.at.row, &formats.text)?;
        for column in columns(width) {
            let wrong = row.errors.iter().any(|issue| issue.at == Some(column));
            let format = if wrong { &formats.wrong } else { &formats.text };
            let text = row.original.get(column).map_or("", String::as_str);
            sheet.write_string_with_format(at, column_at(column + 1), cut(text), format)?;
        }
        let reasons: Vec<String> =
            row.errors.iter().map(|issue| format!("{}: {}", issue.column, issue.message(lang))).collect();
        sheet.write_string_with_format(at, column_at(width + 1), cut(&reasons.join("\n")), &formats.reason)?;
    }
    Ok(())
}

/// A workbook has 16,384 columns; the first and the last are ours.
fn columns(width: usize) -> Range<usize> {
    0..width.min(16_382)
}

fn column_at(column: usize) -> u16 {
    u16::try_from(column.min(16_383)).unwrap_or(16_383)
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST_TEXT / 2).collect()
}

/// A name that a sheet may have: at most 31 characters, none of `[]:*?/\`, not used before.
fn sheet_name(name: &str, at: usize, used: &[String]) -> String {
    let clean: String = name.chars().filter(|c| !"[]:*?/\\'".contains(*c) && !c.is_control()).take(24).collect();
    let clean = if clean.trim().is_empty() { "Danh sách".to_owned() } else { clean.trim().to_owned() };
    if used.contains(&clean.to_lowercase()) { format!("{clean} ({})", at + 1) } else { clean }
}
