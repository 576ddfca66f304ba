//! Reads the fields of one row and collects what is wrong with them.

use std::borrow::Cow;

use super::cell::Cell;
use super::issue::Issue;
use super::row::{ListRow, RowAt, RowStatus};
use super::table::{Record, Table};
use super::vocabulary::Vocabulary;
use crate::kernel::message::Invalid;

/// Reads the fields of one record and collects what is wrong with them.
pub struct FieldReader<'a> {
    table: &'a Table<'a>,
    record: &'a Record<'a>,
    vocabulary: &'a Vocabulary,
    errors: Vec<Issue>,
    warnings: Vec<Issue>,
}

impl<'a> FieldReader<'a> {
    /// The cell of a field; empty when the file has no such column.
    pub fn cell(&self, field: &str) -> &'a Cell {
        self.table.cell(self.record, field)
    }

    /// Every filled cell of a field that may lie in several columns.
    pub fn cells(&self, field: &str) -> impl Iterator<Item = &'a Cell> {
        let columns = self.table.header.columns.of(field);
        columns.iter().map(|column| self.record.row.cell(*column)).filter(|cell| !cell.is_empty())
    }

    /// Whether the file has a column for a field.
    pub fn has_column(&self, field: &str) -> bool {
        self.table.header.columns.has(field)
    }

    /// What the file calls the column of a field.
    pub fn title(&self, field: &str) -> String {
        self.table.header.title_of(field, self.vocabulary)
    }

    /// The cell of a field as text; nothing when empty.
    pub fn text(&self, field: &str) -> Option<String> {
        let shown = self.cell(field).shown();
        (!shown.is_empty()).then_some(shown)
    }

    /// The name in the key column, joined with the given name's column where the two are apart.
    pub fn name(&self) -> Option<String> {
        let family = self.text(self.vocabulary.key().name);
        match (family, self.text("given_name")) {
            (Some(family), Some(given)) => Some(format!("{family} {given}")),
            (family, given) => family.or(given),
        }
    }

    /// The neighbourhood of the heading above.
    pub fn area_above(&self) -> Option<&str> {
        self.record.area.as_deref()
    }

    /// The group of the heading above.
    pub fn section_above(&self) -> Option<&str> {
        self.record.section.as_deref()
    }

    /// The year that the title speaks of.
    pub fn title_year(&self) -> Option<i16> {
        self.table.title_year
    }

    /// Keeps the value, or notes the error under the field.
    pub fn take<T>(&mut self, field: &'static str, parsed: Result<T, Invalid>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.error(field, wrong);
                None
            }
        }
    }

    /// Notes an error.
    pub fn error(&mut self, field: &'static str, wrong: Invalid) {
        let issue = self.issue(field, wrong);
        self.errors.push(issue);
    }

    /// Notes something odd.
    pub fn warn(&mut self, field: &'static str, wrong: Invalid) {
        let issue = self.issue(field, wrong);
        self.warnings.push(issue);
    }

    /// Whether anything was wrong so far.
    pub fn failed(&self) -> bool {
        !self.errors.is_empty()
    }

    fn issue(&self, field: &'static str, wrong: Invalid) -> Issue {
        let columns = self.table.header.columns.of(field);
        let filled = columns.iter().find(|column| !self.record.row.cell(**column).is_empty());
        let title = filled.map(|column| self.table.header.title(*column)).filter(|title| !title.is_empty());
        Issue {
            field: Cow::Borrowed(field),
            column: title.map_or_else(|| self.title(field), str::to_owned),
            at: filled.or(columns.first()).copied(),
            code: Cow::Borrowed(wrong.code),
            value: self.cell(field).shown(),
            vi: wrong.say.vi,
            en: wrong.say.en,
        }
    }
}

/// One row with what `read` makes of it.
pub(super) fn read_record<T>(
    table: &Table<'_>,
    record: &Record<'_>,
    vocabulary: &Vocabulary,
    read: &mut impl FnMut(&mut FieldReader<'_>) -> Option<T>,
) -> ListRow<T> {
    let mut reader = FieldReader { table, record, vocabulary, errors: Vec::new(), warnings: Vec::new() };
    let parsed = read(&mut reader);
    let (errors, warnings) = (reader.errors, reader.warnings);
    let bad = !errors.is_empty();
    ListRow {
        at: RowAt { sheet: table.sheet, row: record.row.number },
        status: if bad { RowStatus::Error } else { RowStatus::New },
        skipped: None,
        errors,
        warnings,
        duplicate_of_row: None,
        parsed,
        original: if bad { record.row.cells.iter().map(Cell::shown).collect() } else { Vec::new() },
    }
}
