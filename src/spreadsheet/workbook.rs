//! Opens `.xlsx`, `.xls`, `.ods` and `.csv` from bytes into sheets of typed cells with the file's own row numbers.
//!
//! Promises: never panics, whatever the bytes; refuses with a reason and the way out what is no workbook, has a
//! password, is damaged, or is larger than the limits; memory grows with the cells that hold something. What a reader of
//! some format does with a file made to break it, only a process of its own can bound: see `imports::sandbox`.

use std::panic::{AssertUnwindSafe, catch_unwind};

pub use super::bounds::Limits;
use super::bounds::{Bounded, Piece, Sink};
use super::cell::Cell;
use super::refusal::Refusal;
use super::sheet::{Sheet, SheetRow};
use super::{formats, legacy_encoding, sniff};
use crate::kernel::message::Invalid;

/// An opened file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workbook {
    /// Its sheets in order.
    pub sheets: Vec<Sheet>,
}

impl Workbook {
    /// Opens a file in this process. What kind it is, its bytes tell.
    pub fn open(bytes: &[u8], limits: &Limits) -> Result<Self, Invalid> {
        let mut builder = WorkbookBuilder::default();
        pieces(bytes, limits, &mut |piece| {
            builder.push(piece);
            Ok(())
        })?;
        Ok(builder.build()?)
    }
}

/// Reads a file piece by piece.
pub fn pieces(bytes: &[u8], limits: &Limits, sink: Sink<'_>) -> Result<(), Refusal> {
    let kind = sniff::kind_of(bytes, limits)?;
    let mut bounded = Bounded::new(limits, sink);
    // A damaged file can make a reader panic; that is the file's fault and must not end the request.
    catch_unwind(AssertUnwindSafe(|| formats::read(kind, bytes, &mut bounded))).unwrap_or(Err(Refusal::Damaged))
}

/// Puts the pieces of a file together as they come.
#[derive(Default)]
pub struct WorkbookBuilder {
    sheets: Vec<Sheet>,
}

impl WorkbookBuilder {
    /// Adds one; what comes before the first sheet belongs to none.
    pub fn push(&mut self, piece: Piece) {
        match (piece, self.sheets.last_mut()) {
            (Piece::Sheet { name, hidden }, _) => {
                self.sheets.push(Sheet { name, hidden, ..Sheet::default() });
            }
            (Piece::Row(row), Some(sheet)) => sheet.rows.push(row),
            (Piece::Merges(merges), Some(sheet)) => sheet.merges.extend(merges),
            (Piece::Row(_) | Piece::Merges(_), None) => {}
        }
    }

    pub fn build(self) -> Result<Workbook, Refusal> {
        let mut workbook = Workbook { sheets: self.sheets };
        if workbook.sheets.iter().all(|sheet| sheet.rows.is_empty()) {
            return Err(Refusal::NoRows);
        }
        for sheet in &mut workbook.sheets {
            sort_rows(&mut sheet.rows);
        }
        legacy_encoding::repair(&mut workbook.sheets);
        Ok(workbook)
    }
}

/// Rows in order and each once: some writers leave them out of order.
fn sort_rows(rows: &mut Vec<SheetRow>) {
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
