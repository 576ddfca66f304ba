//! Files for tests, in every format that wards send.

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook as Writer, Worksheet};

pub(crate) use self::list_files::{ole, zipped};
use super::{Limits, Workbook};

#[path = "../../tests/all/list_files.rs"]
mod list_files;

/// A cell to write.
#[derive(Clone, Debug)]
pub(crate) enum V {
    /// Text.
    T(String),
    /// Number.
    N(f64),
    /// A day: year, month, day.
    D(u16, u8, u8),
    /// A formula with its stored result.
    F(&'static str, &'static str),
    /// Nothing.
    E,
}

impl From<&str> for V {
    fn from(text: &str) -> Self {
        if text.is_empty() { Self::E } else { Self::T(text.to_owned()) }
    }
}

impl From<String> for V {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<i32> for V {
    fn from(number: i32) -> Self {
        Self::N(f64::from(number))
    }
}

impl From<f64> for V {
    fn from(number: f64) -> Self {
        Self::N(number)
    }
}

/// One row of cells of mixed kinds.
macro_rules! row {
    ($($cell:expr),* $(,)?) => { vec![$($crate::spreadsheet::testing::V::from($cell)),*] };
}
pub(crate) use row;

/// A row from texts separated by `|`; figures of up to five digits become numbers.
pub(crate) fn line(text: &str) -> Vec<V> {
    text.split('|')
        .map(|cell| match cell.trim().parse::<u16>() {
            Ok(number) if !cell.trim().starts_with('0') => V::N(f64::from(number)),
            _ => V::from(cell.trim()),
        })
        .collect()
}

/// Writes rows into a sheet.
pub(crate) fn fill(sheet: &mut Worksheet, rows: &[Vec<V>]) {
    let date = Format::new().set_num_format("dd/mm/yyyy");
    for (r, row) in (0..).zip(rows) {
        for (c, cell) in (0..).zip(row) {
            match cell {
                V::T(text) => sheet.write_string(r, c, text).map(|_| ()),
                V::N(number) => sheet.write_number(r, c, *number).map(|_| ()),
                V::D(year, month, day) => {
                    let day = ExcelDateTime::from_ymd(*year, *month, *day).unwrap();
                    sheet.write_datetime_with_format(r, c, &day, &date).map(|_| ())
                }
                V::F(formula, result) => {
                    sheet.write_formula(r, c, Formula::new(*formula).set_result(*result)).map(|_| ())
                }
                V::E => Ok(()),
            }
            .unwrap();
        }
    }
}

/// The bytes of an `.xlsx` with one sheet.
pub(crate) fn xlsx(rows: &[Vec<V>]) -> Vec<u8> {
    let mut writer = Writer::new();
    fill(writer.add_worksheet(), rows);
    writer.save_to_buffer().unwrap()
}

/// Opens bytes under the usual limits.
pub(crate) fn open(bytes: &[u8]) -> Workbook {
    Workbook::open(bytes, &Limits::default()).unwrap_or_else(|wrong| panic!("{}", wrong.say.en))
}

/// Opens rows as a workbook.
pub(crate) fn book(rows: &[Vec<V>]) -> Workbook {
    open(&xlsx(rows))
}

/// The bytes of an `.ods` with one sheet of texts and numbers.
pub(crate) fn ods(rows: &[Vec<V>]) -> Vec<u8> {
    let mut table = String::new();
    for row in rows {
        table.push_str("<table:table-row>");
        for cell in row {
            table.push_str(&match cell {
                V::T(text) => {
                    let text = text.replace('&', "&amp;").replace('<', "&lt;");
                    format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
                }
                V::N(n) => format!("<table:table-cell office:value-type=\"float\" office:value=\"{n}\"/>"),
                V::D(y, m, d) => {
                    format!("<table:table-cell office:value-type=\"date\" office:date-value=\"{y:04}-{m:02}-{d:02}\"/>")
                }
                _ => "<table:table-cell/>".to_owned(),
            });
        }
        table.push_str("</table:table-row>");
    }
    list_files::ods(&format!("<table:table table:name=\"KDC 3\">{table}</table:table>"))
}

/// The bytes of an old `.xls` with one sheet of texts and numbers.
pub(crate) fn xls(rows: &[Vec<V>]) -> Vec<u8> {
    let mut cells = Vec::new();
    for (r, row) in (0_u16..).zip(rows) {
        for (c, cell) in (0_u16..).zip(row) {
            match cell {
                V::T(text) => cells.extend(list_files::text_cell(r, c, text)),
                V::N(number) => cells.extend(list_files::number_cell(r, c, *number)),
                _ => {}
            }
        }
    }
    list_files::xls(&cells)
}
