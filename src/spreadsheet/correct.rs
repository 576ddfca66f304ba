//! A row of a file with what a clerk typed instead of its wrong cells.

use std::collections::BTreeMap;

use super::cell::Cell;
use super::fields::{FieldReader, read_record};
use super::header::{ColumnMap, Header};
use super::issue::Issue;
use super::reading::SheetReading;
use super::row::{ListRow, RowStatus};
use super::sheet::{Sheet, SheetRow};
use super::table::{Record, Table};
use super::vocabulary::Vocabulary;

/// Puts what was typed for some fields of a row in place of what the file says. `checked` is what the typed texts were
/// read as; `adopt` takes those fields of it, the second argument, over into the row's own. What is wrong with other
/// fields stays wrong.
pub fn correct<T>(
    row: &mut ListRow<T>,
    typed: &BTreeMap<String, String>,
    checked: ListRow<T>,
    adopt: impl FnOnce(&mut T, T),
) {
    let (Some(own), Some(read)) = (&mut row.parsed, checked.parsed) else { return };
    adopt(own, read);
    row.errors = merged(std::mem::take(&mut row.errors), checked.errors, typed);
    row.warnings = merged(std::mem::take(&mut row.warnings), checked.warnings, typed);
    row.status = if row.errors.is_empty() { RowStatus::New } else { RowStatus::Error };
}

/// Issues of the fields that were not typed as they were, of those that were as they are now.
fn merged(before: Vec<Issue>, now: Vec<Issue>, typed: &BTreeMap<String, String>) -> Vec<Issue> {
    let is_typed = |issue: &Issue| typed.contains_key(issue.field.as_ref());
    let (replaced, mut kept): (Vec<Issue>, Vec<Issue>) = before.into_iter().partition(is_typed);
    kept.extend(now.into_iter().filter(is_typed).map(|mut issue| {
        // The file's own column and its name for it.
        if let Some(before) = replaced.iter().find(|before| before.field == issue.field) {
            (issue.column, issue.at) = (before.column.clone(), before.at);
        }
        issue
    }));
    kept
}

/// Reads a row with errors again under the titles of its own sheet: the file's cells, in their place what was typed,
/// and where the row itself says nothing what `known` says, which stood above it or in a merged block.
pub fn reread<T>(
    row: &ListRow<T>,
    sheet: &SheetReading,
    vocabulary: &Vocabulary,
    known: &BTreeMap<&'static str, String>,
    typed: &BTreeMap<String, String>,
    mut read: impl FnMut(&mut FieldReader<'_>) -> Option<T>,
) -> ListRow<T> {
    let mut cells = Cells::of(row, sheet);
    for (field, text) in known {
        if cells.are_empty(field) {
            cells.put(field, text);
        }
    }
    for (field, text) in typed {
        cells.put(field, text);
    }
    let header = Header {
        first_row: 0,
        last_row: 0,
        columns: cells.columns,
        titles: sheet.titles.clone(),
        confidence: 100,
        keys: Vec::new(),
    };
    let (no_rows, file_row) = (Sheet::default(), SheetRow { number: row.at.row, cells: cells.cells });
    let table = Table::of_one(row.at.sheet, &no_rows, header);
    let record = Record { row: &file_row, area: None, section: None };
    let mut again = read_record(&table, &record, vocabulary, &mut read);
    for issue in again.errors.iter_mut().chain(&mut again.warnings) {
        issue.at = issue.at.filter(|column| *column < cells.width);
    }
    again.original.clone_from(&row.original);
    again
}

/// The cells of a row that is read again.
struct Cells {
    cells: Vec<Cell>,
    columns: ColumnMap,
    /// Columns of the file; those behind them are ours.
    width: usize,
}

impl Cells {
    fn of<T>(row: &ListRow<T>, sheet: &SheetReading) -> Self {
        let mut columns = ColumnMap::default();
        for (field, of_field) in &sheet.columns {
            columns.set(field, of_field.clone());
        }
        let last = sheet.columns.values().flatten().map(|column| column + 1).max().unwrap_or(0);
        let width = last.max(sheet.titles.len()).max(row.original.len());
        let mut cells: Vec<Cell> = row.original.iter().map(|text| Cell::text(text.as_str())).collect();
        cells.resize(width, Cell::Empty);
        Self { cells, columns, width }
    }

    fn are_empty(&self, field: &str) -> bool {
        self.columns.of(field).iter().all(|column| self.cells[*column].is_empty())
    }

    /// Puts a text into the first column of a field, and empties its others.
    fn put(&mut self, field: &str, text: &str) {
        if !self.columns.has(field) {
            self.columns.set(field, vec![self.cells.len()]);
            self.cells.push(Cell::Empty);
        }
        for (at, column) in self.columns.of(field).iter().enumerate() {
            self.cells[*column] = if at == 0 { Cell::text(text) } else { Cell::Empty };
        }
    }
}
