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
    pub(super) sheet: usize,
    /// The row's number in the file, from 1.
    pub(super) row: u32,
    /// Names the row in decisions: its number, or `sheet:row` in a file of several sheets.
    pub(super) key: String,
    /// What becomes of it.
    pub(super) status: RowStatus,
    /// The landlord's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// Rooms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rooms: Option<u16>,
    /// Đồng forgone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub(super) amount: Option<Dong>,
    /// What is wrong.
    pub(super) errors: Vec<RowIssue>,
    /// What is odd but no hindrance.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) warnings: Vec<RowIssue>,
    /// What it repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub(super) duplicate_of: Option<Original>,
    /// What was decided about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) decision: Option<String>,
    /// Whether a clerk typed some of its cells anew.
    pub(super) corrected: bool,
}

/// A staged list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RentPreview)]
pub(super) struct Preview {
    /// The import's id.
    pub(super) id: ImportId,
    /// Every row of the file that holds something.
    pub(super) rows: Vec<PreviewRow>,
    /// Rows by status.
    pub(super) totals: Totals,
    /// Rooms of the rows that are new.
    #[schema(example = 916)]
    pub(super) rooms: i64,
    /// Đồng forgone of the rows that are new.
    #[schema(value_type = i64, example = 1_286_010_000)]
    pub(super) amount: Dong,
    /// What is odd about the file as a whole: `same_file` when it came before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) warnings: Vec<RowIssue>,
}

/// Previews a list; `same_file` is the warning that its file came before.
pub(super) fn preview(staged: &Staged, same_file: Option<Issue>, lang: Lang) -> Preview {
    let (mut rooms, mut amount) = (0, Dong(0));
    for row in staged.reading.rows.iter().filter(|row| row.status == RowStatus::New) {
        let Some(whole) = row.parsed.as_ref().and_then(Whole::of) else { continue };
        rooms += i64::from(whole.rooms);
        amount = Dong(amount.0.saturating_add(whole.row.total.unwrap_or_default().0));
    }
    let mut warnings = RowIssue::all(&staged.reading.warnings, lang);
    warnings.extend(same_file.map(|warning| RowIssue::of(&warning, lang)));
    let rows = (0..staged.reading.rows.len()).map(|place| preview_row(staged, place, lang)).collect();
    Preview { id: staged.list.id, rows, totals: staged.reading.totals(), rooms, amount, warnings }
}

/// What becomes of one row, by its place in the reading.
pub(super) fn preview_row(staged: &Staged, place: usize, lang: Lang) -> PreviewRow {
    let row = &staged.reading.rows[place];
    let parsed = row.parsed.as_ref();
    let stored = staged.known.get(&place).map(|id| Original::Record(*id));
    PreviewRow {
        sheet: row.at.sheet,
        row: row.at.row,
        key: staged.reading.key_of(row.at),
        status: row.status,
        name: parsed.map(|row| row.landlord_name.clone()),
        rooms: parsed.and_then(|row| row.rooms),
        amount: parsed.and_then(|row| row.total),
        errors: RowIssue::all(&row.errors, lang),
        warnings: RowIssue::all(&row.warnings, lang),
        duplicate_of: stored.or_else(|| row.duplicate_of_row.map(|original| Original::Row(original.row))),
        decision: staged.steps.decisions.get(&row.at).cloned(),
        corrected: staged.steps.corrections.contains_key(&row.at),
    }
}
