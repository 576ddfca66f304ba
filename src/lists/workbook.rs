//! Opens `.xlsx`, `.xls`, `.ods` and `.csv` from bytes into sheets of typed cells with the file's own row numbers.
//!
//! Promises: never panics, whatever the bytes; refuses with a reason and the way out what is no workbook, has a
//! password, is damaged, or is larger than the limits; memory grows with the cells that hold something.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, Dimensions, Ods, Range, Reader, SheetType, SheetVisible, Xls, Xlsb, Xlsx};

use super::cell::Cell;
use super::sniff::{self, Kind};
use super::{old_text, text_file};
use crate::kernel::money::group_thousands;
use crate::kernel::say::{Say, Wrong};

/// What a file may hold. All of it is counted, none is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub max_bytes: u64,
    /// Bytes of all its parts once unpacked.
    pub max_unpacked_bytes: u64,
    /// Rows with anything in them, over all sheets.
    pub max_rows: usize,
    /// The last column that may hold anything, counted from 1.
    pub max_columns: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 50 << 20, max_unpacked_bytes: 1 << 30, max_rows: 200_000, max_columns: 256 }
    }
}

/// A row that holds something.
#[derive(Clone, Debug, PartialEq)]
pub struct SheetRow {
    /// The row's number in the file, from 1.
    pub number: u32,
    /// Its cells from column A on, up to the last that holds something.
    pub cells: Vec<Cell>,
}

impl SheetRow {
    /// A cell by its column, counted from 0; empty beyond the last.
    pub fn cell(&self, column: usize) -> &Cell {
        const EMPTY: &Cell = &Cell::Empty;
        self.cells.get(column).unwrap_or(EMPTY)
    }

    /// The cells that hold something, with their columns.
    pub fn filled(&self) -> impl Iterator<Item = (usize, &Cell)> {
        self.cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty())
    }
}

/// A block of merged cells; rows as in the file (from 1), columns from 0, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merge {
    /// First row.
    pub first_row: u32,
    /// Last row.
    pub last_row: u32,
    /// First column.
    pub first_column: usize,
    /// Last column.
    pub last_column: usize,
}

/// A sheet, with the rows that hold something in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// Its name; of a text file, the empty name.
    pub name: String,
    /// Whether the file hides it from its reader.
    pub hidden: bool,
    /// Rows that hold something.
    pub rows: Vec<SheetRow>,
    /// Blocks of merged cells.
    pub merges: Vec<Merge>,
}

/// An opened file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workbook {
    /// Its sheets in order.
    pub sheets: Vec<Sheet>,
}

impl Workbook {
    /// Opens a file. What kind it is, its bytes tell.
    pub fn open(bytes: &[u8], limits: &Limits) -> Result<Self, Wrong> {
        let kind = sniff::kind_of(bytes, limits)?;
        // A damaged file can make a reader panic; that is the file's fault and must not end the request.
        let sheets = catch_unwind(AssertUnwindSafe(|| read(kind, bytes, limits))).unwrap_or(Err(sniff::DAMAGED))?;
        let mut workbook = Self { sheets };
        if workbook.sheets.iter().all(|sheet| sheet.rows.is_empty()) {
            return Err(Wrong::fixed(
                "no_rows",
                "Tệp không có dòng nào. Kiểm tra lại có đúng tệp danh sách không.",
                "The file has no rows. Check that it is the right list.",
            ));
        }
        old_text::repair(&mut workbook);
        Ok(workbook)
    }
}

fn read(kind: Kind, bytes: &[u8], limits: &Limits) -> Result<Vec<Sheet>, Wrong> {
    let mut budget = Budget { rows: limits.max_rows, limits };
    match kind {
        Kind::Xlsx { merges } => read_xlsx(bytes, merges, &mut budget),
        Kind::Xlsb => {
            let mut book: Xlsb<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(|_| sniff::DAMAGED)?;
            read_ranges(&mut book, &mut budget, |_, _| Vec::new())
        }
        Kind::Ods => {
            let mut book: Ods<_> =
                calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(|error| match error {
                    calamine::OdsError::Password => sniff::PASSWORD,
                    calamine::OdsError::InvalidMime(_) => sniff::NOT_A_WORKBOOK,
                    calamine::OdsError::CellLimitExceeded { .. } => too_many_rows(limits.max_rows),
                    _ => sniff::DAMAGED,
                })?;
            read_ranges(&mut book, &mut budget, |_, _| Vec::new())
        }
        Kind::Xls => {
            let mut book: Xls<_> =
                calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(|error| match error {
                    calamine::XlsError::Password => sniff::PASSWORD,
                    _ => sniff::DAMAGED,
                })?;
            read_ranges(&mut book, &mut budget, |book, name| book.merge_cells_by_sheet_name(name).unwrap_or_default())
        }
        Kind::Text => text_file::read(bytes, &mut budget).map(|sheet| vec![sheet]),
    }
}

/// Rows still allowed.
pub(super) struct Budget<'a> {
    rows: usize,
    limits: &'a Limits,
}

impl Budget<'_> {
    /// Takes one row; an error when there are too many, or one is too wide.
    pub(super) fn take(&mut self, row: &SheetRow) -> Result<(), Wrong> {
        if row.cells.len() > self.limits.max_columns {
            return Err(Wrong::new(
                "too_many_columns",
                Say::new(
                    format!(
                        "Danh sách có dữ liệu ngoài cột thứ {} (dòng {}). Xóa các ô thừa bên phải rồi tải lên lại.",
                        self.limits.max_columns, row.number
                    ),
                    format!(
                        "The list has data beyond column {} (row {}). Clear the stray cells on the right and upload again.",
                        self.limits.max_columns, row.number
                    ),
                ),
            ));
        }
        self.rows = self.rows.checked_sub(1).ok_or_else(|| too_many_rows(self.limits.max_rows))?;
        Ok(())
    }
}

fn too_many_rows(max: usize) -> Wrong {
    let max = group_thousands(i64::try_from(max).unwrap_or(i64::MAX));
    Wrong::new(
        "too_many_rows",
        Say::new(
            format!(
                "Tệp có hơn {max} dòng. Tách thành nhiều tệp nhỏ hơn (mỗi khu dân cư một tệp) rồi tải lên từng tệp."
            ),
            format!("The file has more than {max} rows. Split it (one file per neighbourhood) and upload each part."),
        ),
    )
}

/// Reads cell by cell: a stray cell in the last corner of a sheet must not cost a sheet's worth of memory.
fn read_xlsx(bytes: &[u8], merges: bool, budget: &mut Budget<'_>) -> Result<Vec<Sheet>, Wrong> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(|error| match error {
        calamine::XlsxError::Password => sniff::PASSWORD,
        _ => sniff::DAMAGED,
    })?;
    let mut sheets = Vec::new();
    for meta in book.sheets_metadata().to_vec() {
        if meta.typ != SheetType::WorkSheet {
            continue;
        }
        let mut sheet =
            Sheet { hidden: meta.visible != SheetVisible::Visible, name: meta.name.clone(), ..Sheet::default() };
        match book.worksheet_cells_reader(&meta.name) {
            Ok(mut cells) => {
                while let Some(found) = cells.next_cell().map_err(|_| sniff::DAMAGED)? {
                    let (row, column) = found.get_position();
                    let cell = cell_of_ref(found.get_value());
                    if !cell.is_empty() {
                        put(&mut sheet.rows, row + 1, column as usize, cell, budget)?;
                    }
                }
            }
            Err(calamine::XlsxError::NotAWorksheet(_)) => continue,
            Err(_) => return Err(sniff::DAMAGED),
        }
        if let Some(last) = sheet.rows.last() {
            budget.take(last)?;
        }
        settle(&mut sheet.rows);
        if merges && !sheet.rows.is_empty() {
            sheet.merges = book.merge_cells_by_sheet_name(&meta.name).map_or_else(|_| Vec::new(), |m| merges_of(&m));
        }
        sheets.push(sheet);
    }
    Ok(sheets)
}

/// Puts a cell into the row it belongs to, which is nearly always the last; a finished row is counted.
fn put(rows: &mut Vec<SheetRow>, number: u32, column: usize, cell: Cell, budget: &mut Budget<'_>) -> Result<(), Wrong> {
    if rows.last().is_none_or(|row| row.number != number) {
        if let Some(done) = rows.last() {
            budget.take(done)?;
        }
        let width = rows.last().map_or(8, |row| row.cells.len());
        rows.push(SheetRow { number, cells: Vec::with_capacity(width) });
    }
    let limit = budget.limits.max_columns;
    let row = rows.last_mut().expect("a row was just put there");
    if column > limit {
        // One cell beyond the limit is enough to refuse the row; do not fill up to it.
        row.cells.resize(limit + 1, Cell::Empty);
        return budget.take(row);
    }
    if row.cells.len() <= column {
        row.cells.resize(column + 1, Cell::Empty);
    }
    row.cells[column] = cell;
    Ok(())
}

/// Rows in order and each once: some writers leave them out of order.
fn settle(rows: &mut Vec<SheetRow>) {
    if rows.is_sorted_by(|a, b| a.number < b.number) {
        return;
    }
    rows.sort_by_key(|row| row.number);
    rows.dedup_by(|next, kept| {
        let same = next.number == kept.number;
        if same {
            kept.cells.resize(kept.cells.len().max(next.cells.len()), Cell::Empty);
            for (column, cell) in next.cells.iter_mut().enumerate().filter(|(_, cell)| !cell.is_empty()) {
                kept.cells[column] = std::mem::take(cell);
            }
        }
        same
    });
}

/// Reads the formats that come as whole ranges.
fn read_ranges<'a, R>(
    book: &mut R,
    budget: &mut Budget<'_>,
    merges: impl Fn(&R, &str) -> Vec<Dimensions>,
) -> Result<Vec<Sheet>, Wrong>
where
    R: Reader<Cursor<&'a [u8]>>,
{
    let mut sheets = Vec::new();
    for meta in book.sheets_metadata().to_vec() {
        if meta.typ != SheetType::WorkSheet {
            continue;
        }
        let range: Range<Data> = book.worksheet_range(&meta.name).map_err(|_| sniff::DAMAGED)?;
        let merges = merges_of(&merges(book, &meta.name));
        let mut sheet =
            Sheet { name: meta.name, hidden: meta.visible != SheetVisible::Visible, rows: Vec::new(), merges };
        let (top, left) = range.start().unwrap_or_default();
        for (i, cells) in range.rows().enumerate() {
            let Some(last) = cells.iter().rposition(|cell| !cell_of(cell).is_empty()) else { continue };
            let mut row = SheetRow { number: top + 1 + i as u32, cells: vec![Cell::Empty; left as usize] };
            row.cells.extend(cells[..=last].iter().map(cell_of));
            budget.take(&row)?;
            sheet.rows.push(row);
        }
        sheets.push(sheet);
    }
    Ok(sheets)
}

fn merges_of(merges: &[Dimensions]) -> Vec<Merge> {
    merges
        .iter()
        .map(|m| Merge {
            first_row: m.start.0 + 1,
            last_row: m.end.0.saturating_add(1),
            first_column: m.start.1 as usize,
            last_column: m.end.1 as usize,
        })
        .collect()
}

fn cell_of(data: &Data) -> Cell {
    match data {
        Data::Empty => Cell::Empty,
        Data::String(text) => Cell::text(text.as_str()),
        Data::Int(number) => Cell::Number(*number as f64),
        Data::Float(number) => Cell::Number(*number),
        Data::Bool(value) => Cell::Bool(*value),
        Data::DateTime(date) => date_cell(date),
        Data::DateTimeIso(text) => iso_cell(text),
        Data::DurationIso(text) => Cell::text(text.as_str()),
        Data::Error(error) => Cell::Error(error.to_string()),
        #[expect(unreachable_patterns, reason = "the reader may learn new kinds of cells")]
        _ => Cell::Empty,
    }
}

fn cell_of_ref(data: &DataRef<'_>) -> Cell {
    match data {
        DataRef::Empty => Cell::Empty,
        DataRef::String(text) => Cell::text(text.as_str()),
        DataRef::SharedString(text) => Cell::text(*text),
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::Bool(value) => Cell::Bool(*value),
        DataRef::DateTime(date) => date_cell(date),
        DataRef::DateTimeIso(text) => iso_cell(text),
        DataRef::DurationIso(text) => Cell::text(text.as_str()),
        DataRef::Error(error) => Cell::Error(error.to_string()),
    }
}

fn date_cell(date: &calamine::ExcelDateTime) -> Cell {
    let serial = date.as_f64();
    if date.is_duration() || !(1.0..2_958_466.0).contains(&serial) {
        return Cell::Number(serial);
    }
    let (year, month, day, ..) = date.to_ymd_hms_milli();
    let known = i16::try_from(year).ok().zip(i8::try_from(month).ok()).zip(i8::try_from(day).ok());
    known
        .and_then(|((year, month), day)| crate::kernel::Day::from_ymd(year, month, day))
        .map_or(Cell::Number(serial), Cell::Date)
}

/// `2021-08-05` or `2021-08-05T00:00:00`.
fn iso_cell(text: &str) -> Cell {
    let day = text.split(['T', ' ']).next().unwrap_or(text);
    crate::kernel::Day::parse(day).map_or_else(|_| Cell::text(text), Cell::Date)
}
