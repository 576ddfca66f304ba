//! Opens `.xlsx`, `.xls`, `.ods` and `.csv` from bytes into sheets of typed cells with the file's own row numbers.
//!
//! Promises: never panics, whatever the bytes; refuses with a reason and the way out what is no workbook, has a
//! password, is damaged, or is larger than the limits; memory grows with the cells that hold something. What a reader of
//! some format does with a file made to break it, only a process of its own can bound: see [`super::sandbox`].

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

pub use super::bounds::Limits;
use super::bounds::{Bounded, Piece, Sink};
use super::cell::Cell;
use super::refusal::Refusal;
use super::{formats, legacy_encoding, sniff};
use crate::kernel::message::Invalid;

/// A row that holds something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Opens a file in this process. What kind it is, its bytes tell.
    pub fn open(bytes: &[u8], limits: &Limits) -> Result<Self, Invalid> {
        let mut kept = Kept::default();
        pieces(bytes, limits, &mut |piece| {
            kept.take(piece);
            Ok(())
        })?;
        Ok(kept.workbook()?)
    }
}

/// Reads a file piece by piece.
pub fn pieces(bytes: &[u8], limits: &Limits, sink: Sink<'_>) -> Result<(), Refusal> {
    let kind = sniff::kind_of(bytes, limits)?;
    let mut bounded = Bounded::new(limits, sink);
    // A damaged file can make a reader panic; that is the file's fault and must not end the request.
    catch_unwind(AssertUnwindSafe(|| formats::read(kind, bytes, &mut bounded))).unwrap_or(Err(Refusal::Damaged))
}

/// The pieces of a file as they come.
#[derive(Default)]
pub struct Kept {
    sheets: Vec<Sheet>,
}

impl Kept {
    /// Keeps one; what comes before the first sheet belongs to none.
    pub fn take(&mut self, piece: Piece) {
        match (piece, self.sheets.last_mut()) {
            (Piece::Sheet { name, hidden }, _) => {
                self.sheets.push(Sheet { name, hidden, ..Sheet::default() });
            }
            (Piece::Row(row), Some(sheet)) => sheet.rows.push(row),
            (Piece::Merges(merges), Some(sheet)) => sheet.merges.extend(merges),
            (Piece::Row(_) | Piece::Merges(_), None) => {}
        }
    }

    /// The whole file.
    pub fn workbook(self) -> Result<Workbook, Refusal> {
        let mut workbook = Workbook { sheets: self.sheets };
        if workbook.sheets.iter().all(|sheet| sheet.rows.is_empty()) {
            return Err(Refusal::NoRows);
        }
        for sheet in &mut workbook.sheets {
            settle(&mut sheet.rows);
        }
        legacy_encoding::repair(&mut workbook);
        Ok(workbook)
    }
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
