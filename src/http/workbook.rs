//! Tables as `.xlsx`, for "Tải về Excel". Texts are written as text cells, never as formulas, whatever they begin with.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use rust_xlsxwriter::{Format, FormatBorder, Workbook, Worksheet, XlsxError};

use super::error::{Error, Result};
use crate::kernel::Quantity;
use crate::kernel::message::Lang;

/// Rows that one workbook holds at most; the page says so when there are more.
pub const EXPORT_ROWS: i64 = 100_000;

/// A cell of an exported table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A text; ids and phones too, so that no zero is lost.
    Text(String),
    /// A whole number: a count, or đồng.
    Number(i64),
    /// A quantity in its item's unit, with so many decimals at most.
    Amount(Quantity, u8),
    /// Nothing.
    Empty,
}

impl Cell {
    /// A quantity in its item's unit.
    pub fn amount(quantity: Quantity, decimals: i64) -> Self {
        Self::Amount(quantity, u8::try_from(decimals.clamp(0, 9)).unwrap_or(0))
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

/// A workbook of one sheet, written row by row in flat memory.
pub struct Export {
    book: Workbook,
    row: u32,
    head: Format,
    number: Format,
    amount: Format,
}

impl Export {
    /// A sheet with a row of titles: Vietnamese, English, and the column's width in characters.
    pub fn new(lang: Lang, name: &str, columns: &[(&str, &str, f64)]) -> Result<Self> {
        let head = Format::new().set_bold().set_text_wrap().set_border_bottom(FormatBorder::Thin);
        let number = Format::new().set_num_format("#,##0");
        let amount = Format::new().set_num_format("#,##0.######");
        let mut export = Self { book: Workbook::new(), row: 1, head, number, amount };
        let sheet = export.book.add_worksheet_with_constant_memory().map_err(broken)?;
        titles(sheet, lang, name, columns, &export.head).map_err(broken)?;
        Ok(export)
    }

    /// One more row.
    pub fn row(&mut self, cells: &[Cell]) -> Result<()> {
        let (row, number) = (self.row, self.number.clone());
        let sheet = self.book.worksheet_from_index(0).map_err(broken)?;
        for (column, cell) in (0_u16..).zip(cells) {
            match cell {
                Cell::Text(text) => sheet.write_string(row, column, text).map_err(broken)?,
                // Sums stay far below 2⁵³, where a workbook's numbers are exact.
                Cell::Number(value) => {
                    sheet.write_number_with_format(row, column, *value as f64, &number).map_err(broken)?
                }
                Cell::Amount(quantity, decimals) => {
                    let amount = quantity.0 as f64 / 10_f64.powi(i32::from(*decimals));
                    sheet.write_number_with_format(row, column, amount, &self.amount).map_err(broken)?
                }
                Cell::Empty => continue,
            };
        }
        self.row += 1;
        Ok(())
    }

    /// The workbook as a file to keep.
    pub fn answer(mut self, file_name: &'static str) -> Result<Response> {
        let bytes = self.book.save_to_buffer().map_err(broken)?;
        Ok(attachment(bytes, file_name))
    }
}

fn titles(
    sheet: &mut Worksheet,
    lang: Lang,
    name: &str,
    columns: &[(&str, &str, f64)],
    head: &Format,
) -> std::result::Result<(), XlsxError> {
    sheet.set_name(name)?.set_freeze_panes(1, 0)?;
    for (column, (vi, en, width)) in (0_u16..).zip(columns) {
        sheet.set_column_width(column, *width)?;
        sheet.write_string_with_format(0, column, if lang == Lang::Vi { *vi } else { *en }, head)?;
    }
    Ok(())
}

fn broken(error: XlsxError) -> Error {
    Error::Internal(Box::new(error))
}

/// An `.xlsx` as a file to keep. Its name is ASCII.
pub fn attachment(bytes: Vec<u8>, file_name: &'static str) -> Response {
    const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let mut response = ([(header::CONTENT_TYPE, KIND)], bytes).into_response();
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{file_name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}
