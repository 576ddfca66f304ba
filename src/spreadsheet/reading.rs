//! What reading a list answers: every row of the file with its status, its errors and what was read.
//!
//! All of it can be kept as JSON and read back, so that a preview survives until its commit. It holds personal data;
//! so nothing here has `Debug`.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::classify::Skip;
use super::fields::{FieldReader, read_record};
use super::header::{Choice, Header};
use super::issue::{Issue, file_issue};
use super::row::{ListRow, RowAt, RowStatus};
use super::sheet::{Sheet, SheetRow};
use super::table::{self, Line, Record, Table};
use super::vocabulary::Vocabulary;
use super::workbook::Workbook;
use crate::kernel::message::{Invalid, Message};

/// How one sheet was read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetReading {
    /// The sheet, from 0.
    pub sheet: usize,
    pub name: String,
    /// Whether a header was found and its rows were read.
    pub read: bool,
    /// The header's last row in the file.
    pub header_row: u32,
    /// How many of its titles are known, in percent.
    pub confidence: u8,
    /// What the file calls each column.
    pub titles: Vec<String>,
    /// Columns of each field, from 0.
    pub columns: BTreeMap<String, Vec<usize>>,
    /// Titles that say nothing known.
    pub ignored: Vec<String>,
    /// The neighbourhood that the title speaks of.
    pub title_area: Option<String>,
}

/// How many rows there are of each status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Totals {
    /// Rows to be stored as new.
    pub new: usize,
    /// Rows that change a stored record.
    pub update: usize,
    /// Rows that are the same as another.
    pub duplicate: usize,
    /// Rows with errors.
    pub error: usize,
    /// Rows that are no data.
    pub skipped: usize,
}

/// A list, read.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading<T> {
    pub sheets: Vec<SheetReading>,
    /// All its rows, sheet by sheet, in order.
    pub rows: Vec<ListRow<T>>,
    /// What is odd about the file as a whole.
    pub warnings: Vec<Issue>,
}

impl<T> Reading<T> {
    /// Counts the rows by status.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for row in &self.rows {
            *match row.status {
                RowStatus::New => &mut totals.new,
                RowStatus::Update => &mut totals.update,
                RowStatus::Duplicate => &mut totals.duplicate,
                RowStatus::Error => &mut totals.error,
                RowStatus::Skipped => &mut totals.skipped,
            } += 1;
        }
        totals
    }

    /// A row's name in decisions: its number, or `sheet:row` (sheets from 1) where several sheets hold a list.
    pub fn key_of(&self, at: RowAt) -> String {
        let several = self.sheets.iter().filter(|sheet| sheet.read).count() > 1;
        if several { format!("{}:{}", at.sheet + 1, at.row) } else { at.row.to_string() }
    }

    /// The place of a row among the rows.
    pub fn place(&self, at: RowAt) -> Option<usize> {
        self.rows.binary_search_by_key(&at, |row| row.at).ok()
    }

    /// The list with something else made of what was read in each row, in order.
    pub fn map<U>(self, mut what: impl FnMut(T) -> U) -> Reading<U> {
        let rows = self.rows.into_iter().map(|row| row.map(&mut what)).collect();
        Reading { sheets: self.sheets, rows, warnings: self.warnings }
    }

    /// The rows that hold data, whatever their status.
    pub fn data(&self) -> impl Iterator<Item = &ListRow<T>> {
        self.rows.iter().filter(|row| row.status != RowStatus::Skipped)
    }
}

/// Reads every data row of a workbook with `read`, one after the other; it notes errors on the way. Rows with errors
/// are `error`, all others `new` until the caller finds duplicates.
pub fn read_list<T>(
    workbook: &Workbook,
    vocabulary: &Vocabulary,
    choices: &[Choice],
    mut read: impl FnMut(&mut FieldReader<'_>) -> Option<T>,
) -> Result<Reading<T>, Invalid> {
    read_tables(workbook, vocabulary, choices, |table| {
        table.lines.iter().map(|line| read_line(table, line, vocabulary, &mut read)).collect()
    })
}

/// The same on all processors, for lists whose rows tell everything themselves.
pub fn read_list_at_once<T: Send>(
    workbook: &Workbook,
    vocabulary: &Vocabulary,
    choices: &[Choice],
    read: impl Fn(&mut FieldReader<'_>) -> Option<T> + Sync,
) -> Result<Reading<T>, Invalid> {
    read_tables(workbook, vocabulary, choices, |table| {
        table.lines.par_iter().map(|line| read_line(table, line, vocabulary, &mut |fields| read(fields))).collect()
    })
}

fn read_line<T>(
    table: &Table<'_>,
    line: &Line<'_>,
    vocabulary: &Vocabulary,
    read: &mut impl FnMut(&mut FieldReader<'_>) -> Option<T>,
) -> ListRow<T> {
    match line {
        Line::Skipped { row, why } => ListRow::skipped(RowAt { sheet: table.sheet, row: *row }, *why),
        Line::Data(record) => read_record(table, record, vocabulary, read),
    }
}

fn read_tables<T>(
    workbook: &Workbook,
    vocabulary: &Vocabulary,
    choices: &[Choice],
    mut read: impl FnMut(&Table<'_>) -> Vec<ListRow<T>>,
) -> Result<Reading<T>, Invalid> {
    let (tables, unread) = table::tables(workbook, vocabulary, choices)?;
    let mut reading = Reading { sheets: Vec::new(), rows: Vec::new(), warnings: Vec::new() };
    for table in &tables {
        reading.sheets.push(sheet_reading(table));
        reading.rows.extend(read(table));
    }
    for sheet in unread {
        let rows = sheet.rows.iter().map(|row| RowAt { sheet: sheet.sheet, row: *row });
        reading.rows.extend(rows.map(|at| ListRow::skipped(at, Skip::OtherSheet)));
        let name = &workbook.sheets[sheet.sheet].name;
        reading.sheets.push(unread_sheet(sheet.sheet, name));
        if sheet.looks_like_a_list {
            reading.warnings.push(sheet_without_header(name, sheet.rows.len()));
        }
    }
    reading.sheets.sort_by_key(|sheet| sheet.sheet);
    reading.rows.sort_by_key(|row| row.at);
    Ok(reading)
}

/// Reads one row from texts that a person typed for its fields: the same rules as for a row of a file.
pub fn read_typed<T>(
    values: &BTreeMap<String, String>,
    vocabulary: &Vocabulary,
    at: RowAt,
    mut read: impl FnMut(&mut FieldReader<'_>) -> Option<T>,
) -> ListRow<T> {
    let mut columns = super::ColumnMap::default();
    let mut cells = Vec::new();
    for (field, value) in values {
        columns.set(field, vec![cells.len()]);
        cells.push(Cell::text(value.as_str()));
    }
    let row = SheetRow { number: at.row, cells };
    let header = Header { first_row: 0, last_row: 0, columns, titles: Vec::new(), confidence: 100, keys: Vec::new() };
    let sheet = Sheet::default();
    let table = Table::of_one(at.sheet, &sheet, header);
    let record = Record { row: &row, area: None, section: None };
    read_record(&table, &record, vocabulary, &mut read)
}

fn sheet_reading(table: &Table<'_>) -> SheetReading {
    SheetReading {
        sheet: table.sheet,
        name: table.name.to_owned(),
        read: true,
        header_row: table.header.last_row,
        confidence: table.header.confidence,
        titles: table.header.titles.clone(),
        columns: table.header.columns.iter().map(|(field, columns)| (field.to_owned(), columns.to_vec())).collect(),
        ignored: table.header.ignored(),
        title_area: table.title_area.clone(),
    }
}

fn unread_sheet(sheet: usize, name: &str) -> SheetReading {
    SheetReading {
        sheet,
        name: name.to_owned(),
        read: false,
        header_row: 0,
        confidence: 0,
        titles: Vec::new(),
        columns: BTreeMap::new(),
        ignored: Vec::new(),
        title_area: None,
    }
}

fn sheet_without_header(name: &str, rows: usize) -> Issue {
    file_issue(
        "sheet_without_header",
        Message::new(
            format!(
                "Trang \"{name}\" có {rows} dòng nhưng không có dòng tiêu đề cột nên chưa được đọc. \
                 Thêm dòng tiêu đề hoặc chọn cột bằng tay."
            ),
            format!(
                "The sheet \"{name}\" has {rows} rows but no header row, so it was not read. \
                 Add a header row or choose the columns by hand."
            ),
        ),
    )
}
