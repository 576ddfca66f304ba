//! A sheet of an opened file: the rows that hold something, with the file's own numbers.

use serde::{Deserialize, Serialize};

use super::cell::Cell;

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
    pub first_row: u32,
    pub last_row: u32,
    pub first_column: usize,
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
