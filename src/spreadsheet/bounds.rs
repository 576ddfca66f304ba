//! How much a file may hold, counted while it is read: what goes beyond is refused before it is kept.

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::refusal::Refusal;
use super::sheet::{Merge, SheetRow};

/// The last row that a file may number: Excel's sheets end at 2²⁰, others' at 2²⁴, text has as many lines as bytes. Whoever
/// counts on from a row's number never leaves its 32 bits.
const LAST_ROW: u32 = 1 << 30;

/// What a file may hold. All of it is counted, none is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub max_bytes: u64,
    /// Bytes of all its parts once unpacked.
    pub max_unpacked_bytes: u64,
    /// Sheets, those without rows too.
    pub max_sheets: usize,
    /// Rows with anything in them, over all sheets.
    pub max_rows: usize,
    /// The last column that may hold anything, counted from 1.
    pub max_columns: usize,
    /// Cells of all rows, the empty ones left of the last filled one too.
    pub max_cells: usize,
    /// Bytes of all texts as they stand in the cells: one shared text counts in each.
    pub max_text_bytes: usize,
    /// Bytes of one text.
    pub max_cell_bytes: usize,
    /// Blocks of merged cells, over all sheets; more are left out.
    pub max_merges: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 50 << 20,
            max_unpacked_bytes: 1 << 30,
            max_sheets: 1_000,
            max_rows: 200_000,
            max_columns: 256,
            // 25 columns in every row: 120 MB of cells.
            max_cells: 5_000_000,
            max_text_bytes: 128 << 20,
            // Excel's cells end at 32,767 characters, of which a Vietnamese one has three bytes at most.
            max_cell_bytes: 3 * 32_767,
            max_merges: 200_000,
        }
    }
}

/// A piece of an opened file, in the file's order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Piece {
    /// A sheet begins.
    Sheet {
        name: String,
        /// Whether the file hides it.
        hidden: bool,
    },
    /// A row of the last sheet.
    Row(SheetRow),
    /// Merged cells of the last sheet.
    Merges(Vec<Merge>),
}

/// Where the pieces of a file go.
pub type Sink<'a> = &'a mut dyn FnMut(Piece) -> Result<(), Refusal>;

/// Passes the pieces of a file on, as long as they stay within the limits.
pub(super) struct Bounded<'a> {
    limits: &'a Limits,
    sheets: usize,
    rows: usize,
    cells: usize,
    text: usize,
    merges: usize,
    sink: Sink<'a>,
}

impl<'a> Bounded<'a> {
    pub(super) fn new(limits: &'a Limits, sink: Sink<'a>) -> Self {
        Self {
            limits,
            sheets: limits.max_sheets,
            rows: limits.max_rows,
            cells: limits.max_cells,
            text: limits.max_text_bytes,
            merges: limits.max_merges,
            sink,
        }
    }

    pub(super) fn limits(&self) -> &'a Limits {
        self.limits
    }

    pub(super) fn sheet(&mut self, name: String, hidden: bool) -> Result<(), Refusal> {
        let too_many = Refusal::TooManySheets { max: self.limits.max_sheets };
        self.sheets = self.sheets.checked_sub(1).ok_or(too_many)?;
        self.text(name.len(), 0)?;
        (self.sink)(Piece::Sheet { name, hidden })
    }

    /// Passes one row on; an error when there are too many, or one is too wide or too far down.
    pub(super) fn row(&mut self, row: SheetRow) -> Result<(), Refusal> {
        if row.number > LAST_ROW {
            return Err(Refusal::Damaged);
        }
        self.column(row.cells.len().saturating_sub(1), row.number)?;
        self.rows = self.rows.checked_sub(1).ok_or(Refusal::TooManyRows { max: self.limits.max_rows })?;
        self.cells = self.cells.checked_sub(row.cells.len()).ok_or(Refusal::HoldsTooMuch)?;
        for cell in &row.cells {
            if let Cell::Text(text) | Cell::Error(text) = cell {
                self.text(text.len(), row.number)?;
            }
        }
        (self.sink)(Piece::Row(row))
    }

    /// Refuses a column, counted from 0, that lies too far to the right.
    pub(super) fn column(&self, column: usize, row: u32) -> Result<(), Refusal> {
        let max = self.limits.max_columns;
        if column < max { Ok(()) } else { Err(Refusal::TooManyColumns { max, row }) }
    }

    /// Refuses a cell that lies too far to the right or is too long, before it is kept in a row.
    pub(super) fn cell(&self, cell: &Cell, column: usize, row: u32) -> Result<(), Refusal> {
        self.column(column, row)?;
        let max = self.limits.max_cell_bytes;
        match cell {
            Cell::Text(text) if text.len() > max => Err(Refusal::CellTooLong { max, row }),
            _ => Ok(()),
        }
    }

    fn text(&mut self, bytes: usize, row: u32) -> Result<(), Refusal> {
        let max = self.limits.max_cell_bytes;
        if bytes > max {
            return Err(Refusal::CellTooLong { max, row });
        }
        self.text = self.text.checked_sub(bytes).ok_or(Refusal::HoldsTooMuch)?;
        Ok(())
    }

    /// Passes on as many merged blocks as there may be.
    pub(super) fn merges(&mut self, mut merges: Vec<Merge>) -> Result<(), Refusal> {
        merges.retain(|merge| merge.last_row <= LAST_ROW);
        merges.truncate(self.merges);
        self.merges -= merges.len();
        if merges.is_empty() { Ok(()) } else { (self.sink)(Piece::Merges(merges)) }
    }
}
