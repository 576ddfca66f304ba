//! What is said of an uploaded list and of every row of it before anything is registered.

use std::collections::BTreeMap;

use serde::Serialize;

use super::matching::may_be_stored;
use super::{Households, Opened};
use crate::db::Conn;
use crate::http::Result;
use crate::imports::preview::ListPreview;
use crate::kernel::ids::{AreaId, HouseholdId, ImportId};
use crate::kernel::message::Lang;
use crate::kernel::{Message, Moment};
use crate::spreadsheet::issue::{self, file_issue};
use crate::spreadsheet::{Issue, RowIssue, RowStatus, SheetReading, Totals};

/// Which household a row is the same as.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum DuplicateOf {
    /// A stored household.
    Household(HouseholdId),
    /// Another row of the file: its `key`'s row number.
    Row(u32),
}

/// What would become of a row.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PreviewRow {
    /// The row's number in the file.
    pub row: u32,
    /// The sheet's name; empty for a text file.
    pub sheet: String,
    /// Names the row in decisions: the row's number, or `sheet:row` in a file of several sheets.
    pub key: String,
    /// What would become of it.
    pub status: RowStatus,
    /// Whom it is about.
    pub name: String,
    /// The area it would go to; null when that must still be chosen.
    pub area_id: Option<AreaId>,
    /// What can't be what its column says.
    pub errors: Vec<RowIssue>,
    /// What is odd but no hindrance.
    pub warnings: Vec<RowIssue>,
    /// The stored household's id, or the row number in the file, that it is the same as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<DuplicateOf>,
    /// What was decided about it so far: `new`, `skip` or a household's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
    /// Whether a clerk typed some of its cells anew.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub corrected: bool,
}

/// How a sheet was understood.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PreviewSheet {
    /// Its place in the file, from 0: choices of columns name it so.
    pub sheet: usize,
    /// Its name.
    pub name: String,
    /// Whether it holds a list.
    pub read: bool,
    /// The header's row in the file.
    pub header_row: u32,
    /// What the file calls the column of each field.
    pub columns: BTreeMap<String, Vec<String>>,
    /// The columns of each field, counted from 0.
    pub places: BTreeMap<String, Vec<usize>>,
    /// What the file calls each of its columns.
    pub titles: Vec<String>,
    /// Columns that were not understood.
    pub ignored: Vec<String>,
}

/// A list with what would become of every row. Nothing is stored before the commit.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Preview {
    /// The import.
    pub id: ImportId,
    /// The file's name.
    pub file_name: String,
    /// When it was uploaded.
    pub created_at: Moment,
    /// When it was committed; then only rows with errors are left.
    pub committed_at: Option<Moment>,
    /// Every row of the file.
    pub rows: Vec<PreviewRow>,
    /// Rows by status.
    pub totals: Totals,
    /// What is odd about the file: `same_file` when it came before.
    pub warnings: Vec<RowIssue>,
    /// How its sheets were understood.
    pub sheets: Vec<PreviewSheet>,
}

/// The whole of a list, for the API.
async fn compose(conn: &mut Conn, opened: &Opened, lang: Lang) -> Result<Preview> {
    let list = &opened.list;
    Ok(Preview {
        id: list.id,
        file_name: list.file_name.clone(),
        created_at: list.created_at,
        committed_at: list.committed_at,
        rows: opened.preview_rows(lang),
        // Of a committed list, as they were then: only rows with errors are left of it.
        totals: match list.committed_at {
            Some(_) => list.totals.0,
            None => opened.reading.totals(),
        },
        warnings: opened.warnings(conn, lang).await?,
        sheets: opened.reading.sheets.iter().map(preview_sheet).collect(),
    })
}

fn preview_sheet(sheet: &SheetReading) -> PreviewSheet {
    let title = |column: &usize| sheet.titles.get(*column).cloned().unwrap_or_default();
    PreviewSheet {
        sheet: sheet.sheet,
        name: sheet.name.clone(),
        read: sheet.read,
        header_row: sheet.header_row,
        columns: sheet
            .columns
            .iter()
            .map(|(field, columns)| (field.clone(), columns.iter().map(title).collect()))
            .collect(),
        places: sheet.columns.clone(),
        titles: sheet.titles.clone(),
        ignored: sheet.ignored.clone(),
    }
}

/// What would become of a row.
fn preview_row(list: &Opened, place: usize, lang: Lang) -> PreviewRow {
    let (row, matches) = (&list.reading.rows[place], &list.matches);
    let mut warnings = RowIssue::all(&row.warnings, lang);
    warnings.extend(RowIssue::all(&remarks(list, place), lang));
    let stored = || matches.same(place).map(|found| DuplicateOf::Household(found.id));
    PreviewRow {
        row: row.at.row,
        sheet: list.sheet(row.at).map(|sheet| sheet.name.clone()).unwrap_or_default(),
        key: list.reading.key_of(row.at),
        status: row.status,
        name: row.parsed.as_ref().map(|parsed| parsed.head_name.clone()).unwrap_or_default(),
        area_id: row.parsed.as_ref().and_then(|_| matches.area(row).0),
        errors: RowIssue::all(&row.errors, lang),
        warnings,
        duplicate_of: row.duplicate_of_row.map(|at| DuplicateOf::Row(at.row)).or_else(stored),
        decision: list.decision(row.at).map(|decision| decision.to_string()),
        corrected: list.corrected(row.at),
    }
}

/// What is odd about a row beside its cells: where it belongs, or where it is already.
pub fn remarks(list: &Opened, place: usize) -> Vec<Issue> {
    let (row, matches) = (&list.reading.rows[place], &list.matches);
    let elsewhere = matches.is_elsewhere(place).then(elsewhere);
    let without_area = row.parsed.is_none() || matches.area(row).0.is_none();
    let missing = (without_area && row.status != RowStatus::Skipped).then(area_missing);
    elsewhere.into_iter().chain(missing).collect()
}

/// Rows of data that are to be stored and whose area is not known.
pub fn without_area(list: &Opened) -> usize {
    let to_store = list.reading.rows.iter().filter(|row| may_be_stored(row.status));
    to_store.filter(|row| list.matches.area(row).0.is_none()).count()
}

/// Where rows go whose area is not registered, if there are any.
fn areas_unknown(list: &Opened) -> Option<Issue> {
    let to_store = list.reading.rows.iter().filter(|row| may_be_stored(row.status));
    let elsewhere = to_store.filter(|row| matches!(list.matches.area(row), (Some(_), false)));
    let words = elsewhere.filter_map(|row| row.parsed.as_ref()?.area_text.as_deref());
    let instead = Message::fixed(
        "các hộ đó sẽ ghi vào khu vực chung của danh sách, còn tên tổ thì ghi vào địa chỉ.",
        "these households go to the list's own area, and the group's name into the address.",
    );
    issue::areas_unknown(words, &instead)
}

fn elsewhere() -> Issue {
    file_issue(
        "in_another_area",
        Message::fixed(
            "Hộ này đã có ở một khu vực khác. Hãy hỏi cán bộ phụ trách.",
            "This household is registered in another area. Ask the coordinator.",
        ),
    )
}

fn area_missing() -> Issue {
    file_issue(
        "area_missing",
        Message::fixed(
            "Chưa biết hộ này thuộc khu vực nào. Chọn khu vực (area_id) khi ghi danh sách.",
            "The area of this household is not known. Choose one (area_id) when committing.",
        ),
    )
}

impl ListPreview for Households {
    type PreviewRow = PreviewRow;
    type Preview = Preview;

    async fn warnings(_conn: &mut Conn, list: &Opened) -> Result<Vec<Issue>> {
        Ok(areas_unknown(list).into_iter().collect())
    }

    async fn preview(conn: &mut Conn, list: &Opened, lang: Lang) -> Result<Preview> {
        compose(conn, list, lang).await
    }

    fn preview_row(list: &Opened, place: usize, lang: Lang) -> PreviewRow {
        preview_row(list, place, lang)
    }
}
