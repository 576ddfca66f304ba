//! Reading an uploaded list and saying of every row what would become of it. Nothing is registered yet.

use std::collections::BTreeMap;

use axum::body::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::areas::AreaBook;
use super::matching::{self, Matches};
use super::opened::Opened;
use super::rows::read_followed;
use super::{HouseholdRow, Importer};
use crate::db::{Conn, Tx};
use crate::households::HouseholdId;
use crate::kernel::Moment;
use crate::kernel::say::Lang;
use crate::lists::staged::steps::Steps;
use crate::lists::staged::{self, ImportId, Kind, Progress, ReadFile, StagedList, Uploaded};
use crate::lists::{Choice, ListRow, Reading, RowIssue, RowStatus, Totals, Workbook, outcome};
use crate::people::AreaId;
use crate::people::audit::{self, Act};
use crate::places;
use crate::web::{Core, Result};

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

/// Reads a file of households. A file that is no list is refused with the reason.
pub async fn read_file(core: &Core, bytes: Bytes) -> Result<ReadFile<HouseholdRow>> {
    read_file_with(core, bytes, Vec::new(), Progress::default()).await
}

/// Reads a file of households with columns chosen by hand, telling how far it is.
pub async fn read_file_with(
    core: &Core,
    bytes: Bytes,
    columns: Vec<Choice>,
    progress: Progress,
) -> Result<ReadFile<HouseholdRow>> {
    let today = core.clock.today();
    let read = move |workbook: &Workbook| read_followed(workbook, &columns, today, &progress);
    staged::read_file(core, Kind::Households, bytes, read).await
}

/// A list that was read and compared with the registry.
pub struct Compared {
    file: ReadFile<HouseholdRow>,
    matches: Matches,
}

/// Compares a read list with the registry, before any transaction: redemption need not wait for a long list.
pub async fn compare(core: &Core, file: ReadFile<HouseholdRow>) -> Result<Compared> {
    let matches = matching::beside(core, &file.reading).await?;
    Ok(Compared { file, matches })
}

/// Keeps a read list until it is committed, and previews it.
pub async fn stage(
    tx: &mut Tx,
    core: &Core,
    importer: &Importer,
    file_name: String,
    options: Options,
    compared: Compared,
    lang: Lang,
) -> Result<Preview> {
    if let Some(area_id) = options.area_id {
        places::api::require_area(tx, "area_id", area_id).await?;
        importer.scope.require(area_id)?;
    }
    let uploaded = Uploaded { file_name, options: &options, by: importer.actor.id() };
    let (list, reading) = staged::stage(tx, core, uploaded, compared.file).await?;
    let read = (reading, compared.matches);
    let opened = Opened::with(tx, core, importer, list, read, Steps::default()).await?;
    let preview = compose(tx, importer, &opened, lang).await?;
    let act = Act::on("upload", "household_import", preview.id.0).with(json!({ "totals": preview.totals }));
    audit::append(tx, &core.clock, importer.actor, act).await?;
    Ok(preview)
}

/// Previews a list against the registry as it is now.
pub async fn preview(conn: &mut Conn, core: &Core, importer: &Importer, id: ImportId, lang: Lang) -> Result<Preview> {
    let list = of_importer(conn, importer, id).await?;
    let opened = Opened::of(conn, core, importer, list).await?;
    compose(conn, importer, &opened, lang).await
}

/// A list that this login may see: its own, or any for a login of the whole ward.
pub(in crate::households) async fn of_importer(
    conn: &mut Conn,
    importer: &Importer,
    id: ImportId,
) -> Result<StagedList> {
    let only_of = importer.own_area.and_then(|_| importer.actor.id());
    staged::find(conn, Kind::Households, id, only_of).await
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
pub(super) async fn compose(conn: &mut Conn, importer: &Importer, opened: &Opened, lang: Lang) -> Result<Preview> {
    let list = &opened.list;
    let mut warnings = RowIssue::all(&opened.reading.warnings, lang);
    warnings.extend(list.same_file(conn).await?.map(|warning| RowIssue::of(&warning, lang)));
    Ok(Preview {
        id: list.id,
        file_name: list.file_name.clone(),
        created_at: list.created_at,
        committed_at: list.committed_at,
        rows: (0..opened.reading.rows.len()).map(|place| opened.row(place, importer, lang)).collect(),
        totals: opened.totals(),
        warnings,
        sheets: opened.reading.sheets.iter().map(preview_sheet).collect(),
    })
}

fn preview_sheet(sheet: &outcome::SheetReading) -> PreviewSheet {
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
