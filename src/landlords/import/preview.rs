//! What a list of landlords would become, row by row.

use serde::Serialize;

use super::matching::Areas;
use super::rows::Whole;
use super::{Opened, RentReductions};
use crate::db::Conn;
use crate::http::Result;
use crate::imports::preview::ListPreview;
use crate::kernel::ids::{ImportId, ReductionId};
use crate::kernel::message::Lang;
use crate::kernel::{Dong, Message};
use crate::spreadsheet::{Issue, RowIssue, RowStatus, Totals, issue};

/// What a row repeats: a number is an earlier row of the file, an id a stored reduction.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RentDuplicateOf)]
#[serde(untagged)]
pub enum DuplicateOf {
    /// An earlier row of the file.
    Row(u32),
    /// A stored reduction.
    Record(ReductionId),
}

/// One row of the file.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RentPreviewRow)]
pub struct PreviewRow {
    /// The sheet, from 0.
    pub sheet: usize,
    /// The row's number in the file, from 1.
    pub row: u32,
    /// Names the row in decisions: its number, or `sheet:row` in a file of several sheets.
    pub key: String,
    /// What becomes of it.
    pub status: RowStatus,
    /// The landlord's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Rooms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rooms: Option<u16>,
    /// Đồng forgone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub amount: Option<Dong>,
    /// What is wrong.
    pub errors: Vec<RowIssue>,
    /// What is odd but no hindrance.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<RowIssue>,
    /// What it repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<DuplicateOf>,
    /// What was decided about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
    /// Whether a clerk typed some of its cells anew.
    pub corrected: bool,
}

/// A staged list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RentPreview)]
pub struct Preview {
    /// The import's id.
    pub id: ImportId,
    /// Every row of the file that holds something.
    pub rows: Vec<PreviewRow>,
    /// Rows by status.
    pub totals: Totals,
    /// Rooms of the rows that are new.
    #[schema(example = 916)]
    pub rooms: i64,
    /// Đồng forgone of the rows that are new.
    #[schema(value_type = i64, example = 1_286_010_000)]
    pub amount: Dong,
    /// What is odd about the file as a whole: `same_file` when it came before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<RowIssue>,
}

/// Previews a list; `warnings` is what is odd about its file.
fn compose(list: &Opened, warnings: Vec<RowIssue>, lang: Lang) -> Preview {
    let (mut rooms, mut amount) = (0, Dong(0));
    for row in list.reading.rows.iter().filter(|row| row.status == RowStatus::New) {
        let Some(whole) = row.parsed.as_ref().and_then(Whole::of) else { continue };
        rooms += i64::from(whole.rooms);
        amount = Dong(amount.0.saturating_add(whole.row.total.unwrap_or_default().0));
    }
    let rows = list.preview_rows(lang);
    Preview { id: list.list.id, rows, totals: list.reading.totals(), rooms, amount, warnings }
}

/// What becomes of one row, by its place in the reading.
fn preview_row(list: &Opened, place: usize, lang: Lang) -> PreviewRow {
    let row = &list.reading.rows[place];
    let parsed = row.parsed.as_ref();
    let stored = list.matches.get(&place).map(|id| DuplicateOf::Record(*id));
    PreviewRow {
        sheet: row.at.sheet,
        row: row.at.row,
        key: list.reading.key_of(row.at),
        status: row.status,
        name: parsed.map(|row| row.landlord_name.clone()),
        rooms: parsed.and_then(|row| row.rooms),
        amount: parsed.and_then(|row| row.total),
        errors: RowIssue::all(&row.errors, lang),
        warnings: RowIssue::all(&row.warnings, lang),
        duplicate_of: stored.or_else(|| row.duplicate_of_row.map(|original| DuplicateOf::Row(original.row))),
        decision: list.decision(row.at).map(|decision| decision.to_string()),
        corrected: list.corrected(row.at),
    }
}

/// Where reductions go whose area is not registered, if there are any to be stored.
async fn areas_unknown(conn: &mut Conn, list: &Opened) -> Result<Option<Issue>> {
    let areas = Areas::read(conn, list.options.area_id).await?;
    let words = list.stored().filter_map(|row| row.area_text.as_deref()).filter(|text| areas.find(text).is_none());
    let instead = match list.options.area_id {
        Some(_) => {
            Message::fixed("các khoản giảm đó sẽ thuộc khu vực đã chọn.", "these reductions go to the chosen area.")
        }
        None => Message::fixed(
            "các khoản giảm đó chưa thuộc khu vực nào, nên trưởng khu không thấy để xác minh.",
            "these reductions belong to no area, so no head sees them to verify.",
        ),
    };
    Ok(issue::areas_unknown(words, &instead))
}

impl ListPreview for RentReductions {
    type PreviewRow = PreviewRow;
    type Preview = Preview;

    async fn warnings(conn: &mut Conn, list: &Opened) -> Result<Vec<Issue>> {
        Ok(areas_unknown(conn, list).await?.into_iter().collect())
    }

    async fn preview(conn: &mut Conn, list: &Opened, lang: Lang) -> Result<Preview> {
        Ok(compose(list, list.warnings(conn, lang).await?, lang))
    }

    fn preview_row(list: &Opened, place: usize, lang: Lang) -> PreviewRow {
        preview_row(list, place, lang)
    }
}
