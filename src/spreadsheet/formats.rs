//! The readers of each format, which pass on what they find row by row.

use std::io::Cursor;

use calamine::{Data, DataRef, Dimensions, Ods, Range, Reader, SheetType, SheetVisible, Xls, Xlsx};

use super::bounds::Bounded;
use super::cell::Cell;
use super::refusal::Refusal;
use super::sheet::{Merge, SheetRow};
use super::sniff::Kind;
use super::text_file;

/// Reads a file of a kind.
pub(super) fn read(kind: Kind, bytes: &[u8], out: &mut Bounded<'_>) -> Result<(), Refusal> {
    match kind {
        Kind::Xlsx { merges } => read_xlsx(bytes, merges, out),
        Kind::Ods => {
            let max = out.limits().max_rows;
            let mut book: Ods<_> =
                calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(|error| match error {
                    calamine::OdsError::Password => Refusal::Password,
                    calamine::OdsError::InvalidMime(_) => Refusal::NotAWorkbook,
                    calamine::OdsError::CellLimitExceeded { .. } => Refusal::TooManyRows { max },
                    _ => Refusal::Damaged,
                })?;
            read_ranges(&mut book, out, |_, _| Vec::new())
        }
        Kind::Xls => {
            let mut book: Xls<_> =
                calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(|error| match error {
                    calamine::XlsError::Password => Refusal::Password,
                    _ => Refusal::Damaged,
                })?;
            read_ranges(&mut book, out, |book, name| book.merge_cells_by_sheet_name(name).unwrap_or_default())
        }
        Kind::Text => text_file::read(bytes, out),
    }
}

/// Reads cell by cell: a stray cell in the last corner of a sheet must not cost a sheet's worth of memory.
fn read_xlsx(bytes: &[u8], merges: bool, out: &mut Bounded<'_>) -> Result<(), Refusal> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(|error| match error {
        calamine::XlsxError::Password => Refusal::Password,
        _ => Refusal::Damaged,
    })?;
    for meta in book.sheets_metadata().to_vec() {
        if meta.typ != SheetType::WorkSheet {
            continue;
        }
        let mut cells = match book.worksheet_cells_reader(&meta.name) {
            Ok(cells) => cells,
            Err(calamine::XlsxError::NotAWorksheet(_)) => continue,
            Err(_) => return Err(Refusal::Damaged),
        };
        out.sheet(meta.name.clone(), meta.visible != SheetVisible::Visible)?;
        let mut row: Option<SheetRow> = None;
        while let Some(found) = cells.next_cell().map_err(|_| Refusal::Damaged)? {
            let (at, column) = found.get_position();
            let number = at.checked_add(1).ok_or(Refusal::Damaged)?;
            let cell = cell_of_ref(found.get_value());
            if cell.is_empty() {
                continue;
            }
            out.cell(&cell, column as usize, number)?;
            put(&mut row, number, column as usize, cell, out)?;
        }
        drop(cells);
        let holds_rows = row.is_some();
        if let Some(last) = row {
            out.row(last)?;
        }
        if merges && holds_rows {
            out.merges(book.merge_cells_by_sheet_name(&meta.name).map_or_else(|_| Vec::new(), |m| merges_of(&m)))?;
        }
    }
    Ok(())
}

/// Puts a cell into the row it belongs to, which is nearly always the one begun; a finished row is passed on.
fn put(
    begun: &mut Option<SheetRow>,
    number: u32,
    column: usize,
    cell: Cell,
    out: &mut Bounded<'_>,
) -> Result<(), Refusal> {
    let mut row = match begun.take() {
        Some(row) if row.number == number => row,
        other => {
            let width = other.as_ref().map_or(8, |row| row.cells.len());
            if let Some(done) = other {
                out.row(done)?;
            }
            SheetRow { number, cells: Vec::with_capacity(width) }
        }
    };
    if row.cells.len() <= column {
        row.cells.resize(column + 1, Cell::Empty);
    }
    row.cells[column] = cell;
    *begun = Some(row);
    Ok(())
}

/// Reads the formats that come as whole ranges.
fn read_ranges<'a, R>(
    book: &mut R,
    out: &mut Bounded<'_>,
    merges: impl Fn(&R, &str) -> Vec<Dimensions>,
) -> Result<(), Refusal>
where
    R: Reader<Cursor<&'a [u8]>>,
{
    for meta in book.sheets_metadata().to_vec() {
        if meta.typ != SheetType::WorkSheet {
            continue;
        }
        let range: Range<Data> = book.worksheet_range(&meta.name).map_err(|_| Refusal::Damaged)?;
        out.sheet(meta.name.clone(), meta.visible != SheetVisible::Visible)?;
        let (top, left) = range.start().unwrap_or_default();
        for (number, cells) in (top.saturating_add(1)..).zip(range.rows()) {
            let Some(last) = cells.iter().rposition(|cell| !cell_of(cell).is_empty()) else { continue };
            out.column(left as usize + last, number)?;
            let mut row = SheetRow { number, cells: vec![Cell::Empty; left as usize] };
            row.cells.extend(cells[..=last].iter().map(cell_of));
            out.row(row)?;
        }
        out.merges(merges_of(&merges(book, &meta.name)))?;
    }
    Ok(())
}

fn merges_of(merges: &[Dimensions]) -> Vec<Merge> {
    merges
        .iter()
        .map(|m| Merge {
            first_row: m.start.0.saturating_add(1),
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
