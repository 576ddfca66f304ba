//! Reading an uploaded list and saying of every row what would become of it. Nothing is registered yet.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::areas::AreaBook;
use super::matching::{self, Match};
use super::store;
use super::{HouseholdRow, Importer, read};
use crate::db::{Conn, Tx};
use crate::households::HouseholdId;
use crate::kernel::say::Lang;
use crate::kernel::{Moment, Say};
use crate::lists::staged::{self, ImportId, Kind, ReadFile, StagedList, Uploaded};
use crate::lists::{Issue, ListRow, Reading, RowIssue, RowStatus, Totals, outcome};
use crate::people::AreaId;
use crate::people::audit::{self, Act};
use crate::places;
use crate::web::{Core, Result};

/// The clerk's choices at the upload.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Options {
    /// The area of rows that name none.
    pub area_id: Option<AreaId>,
    /// The campaign that the list was drawn up for: kept with the import, to tell later where it came from.
    /// Households belong to no campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign_id: Option<uuid::Uuid>,
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
}

/// How a sheet was understood.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PreviewSheet {
    /// Its name.
    pub name: String,
    /// Whether it holds a list.
    pub read: bool,
    /// The header's row in the file.
    pub header_row: u32,
    /// What the file calls the column of each field.
    pub columns: BTreeMap<String, Vec<String>>,
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
pub async fn read_file(core: &Core, bytes: axum::body::Bytes) -> Result<ReadFile<HouseholdRow>> {
    let today = core.clock.today();
    staged::read_file(core, Kind::Households, bytes, move |workbook| read(workbook, &[], today)).await
}

/// Keeps a read list until it is committed, and previews it.
pub async fn stage(
    tx: &mut Tx,
    core: &Core,
    importer: &Importer,
    file_name: String,
    options: Options,
    file: ReadFile<HouseholdRow>,
    lang: Lang,
) -> Result<Preview> {
    if let Some(area_id) = options.area_id {
        places::api::require_area(tx, "area_id", area_id).await?;
        importer.scope.require(area_id)?;
    }
    let uploaded = Uploaded { file_name, options: &options, by: importer.actor.id() };
    let (list, reading) = staged::stage(tx, core, uploaded, file).await?;
    let preview = compose(tx, core, importer, list, reading, lang).await?;
    let act = Act::on("upload", "household_import", preview.id.0).with(json!({ "totals": preview.totals }));
    audit::append(tx, &core.clock, importer.actor, act).await?;
    Ok(preview)
}

/// Previews a list against the registry as it is now.
pub async fn preview(conn: &mut Conn, core: &Core, importer: &Importer, id: ImportId, lang: Lang) -> Result<Preview> {
    let mut list = of_importer(conn, importer, id).await?;
    let reading = list.reading(core).await?;
    compose(conn, core, importer, list, reading, lang).await
}

/// A list that this login may see: its own, or any for a login of the whole ward.
pub(super) async fn of_importer(conn: &mut Conn, importer: &Importer, id: ImportId) -> Result<StagedList> {
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

async fn compose(
    conn: &mut Conn,
    core: &Core,
    importer: &Importer,
    list: StagedList,
    mut reading: Reading<HouseholdRow>,
    lang: Lang,
) -> Result<Preview> {
    let book = AreaBook::of(store::areas(conn, core.clock.today()).await?);
    let options: Options = list.options()?;
    let bases = Bases::of(&book, importer, options.area_id, &reading);
    let matches = matching::against_registry(conn, &core.vault, &reading).await?;
    let mut warnings = std::mem::take(&mut reading.warnings);
    warnings.extend(list.same_file(conn).await?);
    for (row, found) in reading.rows.iter_mut().zip(&matches) {
        if let (RowStatus::New, Some(found)) = (row.status, found) {
            row.status = if found.fills { RowStatus::Update } else { RowStatus::Duplicate };
        }
    }
    let totals = if list.committed_at.is_some() {
        serde_json::from_str(&list.totals).unwrap_or_default()
    } else {
        reading.totals()
    };
    let names: BTreeMap<usize, &str> = reading.sheets.iter().map(|s| (s.sheet, s.name.as_str())).collect();
    let rows = reading.rows.iter().zip(&matches).map(|(row, found)| {
        let sheet = names.get(&row.at.sheet).copied().unwrap_or_default();
        let area_id = row.parsed.as_ref().and_then(|_| bases.area(&book, row).0);
        preview_row(row, found.as_ref(), importer, (sheet, reading.key_of(row.at)), area_id, lang)
    });
    Ok(Preview {
        id: list.id,
        file_name: list.file_name,
        created_at: list.created_at,
        committed_at: list.committed_at,
        rows: rows.collect(),
        totals,
        warnings: RowIssue::all(&warnings, lang),
        sheets: reading.sheets.iter().map(preview_sheet).collect(),
    })
}

fn preview_row(
    row: &ListRow<HouseholdRow>,
    found: Option<&Match>,
    importer: &Importer,
    (sheet, key): (&str, String),
    area_id: Option<AreaId>,
    lang: Lang,
) -> PreviewRow {
    let mut warnings = RowIssue::all(&row.warnings, lang);
    let stored = found.filter(|found| importer.scope.holds(found.area_id));
    if found.is_some() && stored.is_none() {
        warnings.push(RowIssue::of(&elsewhere(), lang));
    }
    if area_id.is_none() && row.status != RowStatus::Skipped {
        warnings.push(RowIssue::of(&area_missing(), lang));
    }
    let duplicate_of = match (row.duplicate_of_row, stored) {
        (Some(at), _) => Some(DuplicateOf::Row(at.row)),
        (None, Some(stored)) => Some(DuplicateOf::Household(stored.id)),
        (None, None) => None,
    };
    PreviewRow {
        row: row.at.row,
        sheet: sheet.to_owned(),
        key,
        status: row.status,
        name: row.parsed.as_ref().map(|parsed| parsed.head_name.clone()).unwrap_or_default(),
        area_id,
        errors: RowIssue::all(&row.errors, lang),
        warnings,
        duplicate_of,
    }
}

fn preview_sheet(sheet: &outcome::SheetReading) -> PreviewSheet {
    let title = |column: &usize| sheet.titles.get(*column).cloned().unwrap_or_default();
    PreviewSheet {
        name: sheet.name.clone(),
        read: sheet.read,
        header_row: sheet.header_row,
        columns: sheet
            .columns
            .iter()
            .map(|(field, columns)| (field.clone(), columns.iter().map(title).collect()))
            .collect(),
        ignored: sheet.ignored.clone(),
    }
}

fn elsewhere() -> Issue {
    outcome::file_issue(
        "in_another_area",
        Say::fixed(
            "Hộ này đã có ở một khu vực khác. Hãy hỏi cán bộ phụ trách.",
            "This household is registered in another area. Ask the coordinator.",
        ),
    )
}

fn area_missing() -> Issue {
    outcome::file_issue(
        "area_missing",
        Say::fixed(
            "Chưa biết hộ này thuộc khu vực nào. Chọn khu vực (area_id) khi ghi danh sách.",
            "The area of this household is not known. Choose one (area_id) when committing.",
        ),
    )
}
