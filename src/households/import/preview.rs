//! What is said of an uploaded list and of every row of it before anything is registered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::areas::AreaBook;
use super::kind::Opened;
use super::{HouseholdRow, Importer};
use crate::db::Conn;
use crate::http::Result;
use crate::kernel::Moment;
use crate::kernel::ids::{AreaId, HouseholdId, ImportId};
use crate::kernel::message::Lang;
use crate::spreadsheet::{Choice, ListRow, Reading, RowIssue, RowStatus, SheetReading, Totals};

/// The clerk's choices at the upload.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Options {
    /// The area of rows that name none.
    pub area_id: Option<AreaId>,
    /// The campaign that the list was drawn up for: kept with the import, to tell later where it came from.
    /// Households belong to no campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign_id: Option<uuid::Uuid>,
    /// Columns that were chosen by hand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Choice>,
}

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

/// The areas that rows of a reading go to when they name none: chosen, else what a sheet's title says, else the
/// login's own area or the only ward.
pub(super) struct Bases {
    chosen: Option<AreaId>,
    by_sheet: BTreeMap<usize, AreaId>,
    fallback: Option<AreaId>,
}

impl Bases {
    pub(super) fn of(
        book: &AreaBook,
        importer: &Importer,
        chosen: Option<AreaId>,
        reading: &Reading<HouseholdRow>,
    ) -> Self {
        let fallback = importer.own_area.or_else(|| book.only_ward());
        let titled = reading.sheets.iter().filter_map(|sheet| {
            let area = book.find(sheet.title_area.as_deref()?, importer.own_area)?;
            Some((sheet.sheet, area))
        });
        Self { chosen, by_sheet: titled.collect(), fallback }
    }

    /// The area of a row, and whether its own words named it.
    pub(super) fn area(&self, book: &AreaBook, row: &ListRow<HouseholdRow>) -> (Option<AreaId>, bool) {
        let base = self.chosen.or_else(|| self.by_sheet.get(&row.at.sheet).copied()).or(self.fallback);
        let words = row.parsed.as_ref().and_then(|parsed| parsed.area_text.as_deref());
        match words.and_then(|words| book.find(words, base)) {
            Some(area) => (Some(area), true),
            None => (base, false),
        }
    }
}

/// The whole of a list, for the API.
pub(super) async fn compose(conn: &mut Conn, opened: &Opened, lang: Lang) -> Result<Preview> {
    let list = &opened.list;
    Ok(Preview {
        id: list.id,
        file_name: list.file_name.clone(),
        created_at: list.created_at,
        committed_at: list.committed_at,
        rows: opened.preview_rows(lang),
        // Of a committed list, as they were then: only rows with errors are left of it.
        totals: match list.committed_at {
            Some(_) => list.totals(),
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
