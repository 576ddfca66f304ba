//! What a list of landlords would become, row by row.

use serde::Serialize;

use super::stage::{Staged, Whole};
use crate::kernel::Dong;
use crate::kernel::say::Lang;
use crate::landlords::ReductionId;
use crate::lists::staged::ImportId;
use crate::lists::{Issue, RowIssue, RowStatus, Totals};

/// What a row repeats: a number is an earlier row of the file, an id a stored reduction.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub(super) enum Original {
    /// An earlier row of the file.
    Row(u32),
    /// A stored reduction.
    Record(ReductionId),
}

/// One row of the file.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RentPreviewRow)]
pub(super) struct PreviewRow {
    /// The sheet, from 0.
    sheet: usize,
    /// The row's number in the file, from 1.
    row: u32,
    /// Names the row in decisions: its number, or `sheet:row` in a file of several sheets.
    key: String,
    /// What becomes of it.
    status: RowStatus,
    /// The landlord's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Rooms.
    #[serde(skip_serializing_if = "Option::is_none")]
    rooms: Option<u16>,
    /// Đồng forgone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    amount: Option<Dong>,
    /// What is wrong.
    errors: Vec<RowIssue>,
    /// What is odd but no hindrance.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<RowIssue>,
    /// What it repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    duplicate_of: Option<Original>,
}

/// A staged list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RentPreview)]
pub(super) struct Preview {
    /// The import's id.
    id: ImportId,
    /// Every row of the file that holds something.
    rows: Vec<PreviewRow>,
    /// Rows by status.
    pub(super) totals: Totals,
    /// Rooms of the rows that are new.
    #[schema(example = 916)]
    rooms: i64,
    /// Đồng forgone of the rows that are new.
    #[schema(value_type = i64, example = 1_286_010_000)]
    amount: Dong,
    /// What is odd about the file as a whole: `same_file` when it came before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<RowIssue>,
}

/// Previews a list; `same_file` is the warning that its file came before.
pub(super) fn preview(id: ImportId, staged: &Staged, same_file: Option<Issue>, lang: Lang) -> Preview {
    let (mut rooms, mut amount) = (0, Dong(0));
    let rows = staged.reading.rows.iter().enumerate().map(|(at, row)| {
        let known = staged.known.get(&at);
        let whole = row.parsed.as_ref().and_then(Whole::of);
        let status = if known.is_some() { RowStatus::Duplicate } else { row.status };
        let total = row.parsed.as_ref().and_then(|row| row.total);
        if let (RowStatus::New, Some(whole)) = (status, whole) {
            rooms += i64::from(whole.rooms);
            amount = Dong(amount.0.saturating_add(total.unwrap_or_default().0));
        }
        PreviewRow {
            sheet: row.at.sheet,
            row: row.at.row,
            key: staged.reading.key_of(row.at),
            status,
            name: row.parsed.as_ref().map(|row| row.landlord_name.clone()),
            rooms: row.parsed.as_ref().and_then(|row| row.rooms),
            amount: total,
            errors: RowIssue::all(&row.errors, lang),
            warnings: RowIssue::all(&row.warnings, lang),
            duplicate_of: known
                .map(|id| Original::Record(*id))
                .or_else(|| row.duplicate_of_row.map(|original| Original::Row(original.row))),
        }
    });
    let rows: Vec<PreviewRow> = rows.collect();
    let mut totals = staged.reading.totals();
    totals.new -= staged.known.len();
    totals.duplicate += staged.known.len();
    let mut warnings = RowIssue::all(&staged.reading.warnings, lang);
    warnings.extend(same_file.map(|warning| RowIssue::of(&warning, lang)));
    Preview { id, rows, totals, rooms, amount, warnings }
}
