//! What a list of donors would become, row by row.

use serde::Serialize;

use super::rows::{DonationLine, Sums};
use super::{Donations, Opened};
use crate::db::Conn;
use crate::http::Result;
use crate::imports::preview::ListPreview;
use crate::kernel::ids::{DonationId, ImportId};
use crate::kernel::message::{Lang, Message};
use crate::kernel::{Day, Moment};
use crate::places::store::first_warehouses;
use crate::spreadsheet::issue::file_issue;
use crate::spreadsheet::{Issue, RowIssue, RowStatus, Totals};

/// What would become of a row.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = DonationPreviewRow)]
pub struct PreviewRow {
    /// The row's number in the file.
    pub row: u32,
    /// Names the row in decisions: its number, or `sheet:row` in a file of several sheets.
    pub key: String,
    /// What would become of it.
    pub status: RowStatus,
    /// Who gave.
    pub donor: Option<String>,
    /// When.
    pub received_on: Option<Day>,
    /// What was given.
    #[schema(value_type = Vec<Object>)]
    pub lines: Vec<DonationLine>,
    /// What can't be what its column says.
    pub errors: Vec<RowIssue>,
    /// What is odd but no hindrance.
    pub warnings: Vec<RowIssue>,
    /// The earlier row's number, or the stored donation's id, that it is the same as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<DuplicateOf>,
    /// What was decided about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
    /// Whether a clerk typed some of its cells anew.
    pub corrected: bool,
}

/// What a row repeats: a number is an earlier row of the file, an id a stored donation.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DonationDuplicateOf)]
#[serde(untagged)]
pub enum DuplicateOf {
    /// An earlier row of the file.
    Row(u32),
    /// A stored donation.
    Donation(DonationId),
}

/// A list of donors with what would become of every row.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = DonationPreview)]
pub struct Preview {
    /// The import.
    pub id: ImportId,
    /// The file's name.
    pub file_name: String,
    /// When it was uploaded.
    pub created_at: Moment,
    /// When it was committed.
    pub committed_at: Option<Moment>,
    /// Every row of the file.
    pub rows: Vec<PreviewRow>,
    /// Rows by status.
    pub totals: Totals,
    /// What the new rows add up to.
    pub sums: Sums,
    /// What is odd about the file: `same_file` when it came before, `no_warehouse` when goods would enter no stock.
    pub warnings: Vec<RowIssue>,
}

/// Previews a list as it stands.
async fn compose(conn: &mut Conn, opened: &Opened, lang: Lang) -> Result<Preview> {
    let reading = &opened.reading;
    let new = || reading.rows.iter().filter(|row| row.status == RowStatus::New).filter_map(|row| row.parsed.as_ref());
    Ok(Preview {
        id: opened.list.id,
        file_name: opened.list.file_name.clone(),
        created_at: opened.list.created_at,
        committed_at: opened.list.committed_at,
        rows: opened.preview_rows(lang),
        totals: reading.totals(),
        sums: Sums::of(new()),
        warnings: opened.warnings(conn, lang).await?,
    })
}

/// What is odd about the list's goods as a whole.
async fn warnings(conn: &mut Conn, opened: &Opened) -> Result<Vec<Issue>> {
    let new = opened.reading.rows.iter().filter(|row| row.status == RowStatus::New);
    let mut lines = new.filter_map(|row| row.parsed.as_ref()).flat_map(|row| &row.lines);
    let goods = lines.any(|line| matches!(line, DonationLine::Goods { .. }));
    let nowhere = goods && opened.options.point_id.is_none() && first_warehouses(conn).await?.is_empty();
    Ok(nowhere.then(no_warehouse).into_iter().collect())
}

/// What would become of one row, by its place in the reading.
fn preview_row(opened: &Opened, place: usize, lang: Lang) -> PreviewRow {
    let row = &opened.reading.rows[place];
    let parsed = row.parsed.as_ref();
    let stored = opened.matches.get(&row.at).map(|id| DuplicateOf::Donation(*id));
    PreviewRow {
        row: row.at.row,
        key: opened.reading.key_of(row.at),
        status: row.status,
        donor: parsed.and_then(|parsed| parsed.donor.as_ref()).map(|donor| donor.name.clone()),
        received_on: parsed.and_then(|parsed| parsed.received_on),
        lines: parsed.map(|parsed| parsed.lines.clone()).unwrap_or_default(),
        errors: RowIssue::all(&row.errors, lang),
        warnings: RowIssue::all(&row.warnings, lang),
        duplicate_of: stored.or_else(|| row.duplicate_of_row.map(|at| DuplicateOf::Row(at.row))),
        decision: opened.decision(row.at).map(|decision| decision.to_string()),
        corrected: opened.corrected(row.at),
    }
}

fn no_warehouse() -> Issue {
    file_issue(
        "no_warehouse",
        Message::fixed(
            "Chưa có kho nào: hiện vật sẽ được tính vào số liệu ủng hộ nhưng không nhập kho. Hãy tạo kho hoặc chọn nơi nhập trước khi ghi.",
            "There is no warehouse: goods will count as donated but enter no stock. Make one, or choose a point, before committing.",
        ),
    )
}

impl ListPreview for Donations {
    type PreviewRow = PreviewRow;
    type Preview = Preview;

    async fn warnings(conn: &mut Conn, list: &Opened) -> Result<Vec<Issue>> {
        warnings(conn, list).await
    }

    async fn preview(conn: &mut Conn, list: &Opened, lang: Lang) -> Result<Preview> {
        compose(conn, list, lang).await
    }

    fn preview_row(list: &Opened, place: usize, lang: Lang) -> PreviewRow {
        preview_row(list, place, lang)
    }
}
