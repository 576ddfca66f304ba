//! What a list of donors would become, row by row.

use std::collections::BTreeMap;

use serde::Serialize;

use super::known;
use super::rows::DonationRow;
use super::things::DonationLine;
use crate::db::Conn;
use crate::goods::DonationId;
use crate::goods::store::first_warehouses;
use crate::kernel::say::{Lang, Say};
use crate::kernel::{Day, Dong, Moment};
use crate::lists::outcome::file_issue;
use crate::lists::staged::{ImportId, StagedList};
use crate::lists::{Issue, ListRow, Reading, RowAt, RowIssue, RowStatus, Totals};
use crate::web::Result;

/// What would become of a row.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DonationPreviewRow {
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
    #[schema(value_type = Option<Object>)]
    pub duplicate_of: Option<SameGift>,
}

/// What a row repeats: a number is an earlier row of the file, an id a stored donation.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum SameGift {
    /// An earlier row of the file.
    Row(u32),
    /// A stored donation.
    Donation(DonationId),
}

/// What a list adds up to.
#[derive(Clone, Copy, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct Sums {
    /// Ready-made packages.
    pub packages: i64,
    /// What they are worth.
    pub packages_value: Dong,
    /// What goods are worth.
    pub goods_value: Dong,
    /// Money.
    pub cash: Dong,
}

impl Sums {
    /// Adds rows up.
    pub fn of<'a>(rows: impl Iterator<Item = &'a DonationRow>) -> Self {
        let mut sums = Self::default();
        for line in rows.flat_map(|row| &row.lines) {
            match line {
                DonationLine::Goods { value, .. } => sums.goods_value.0 += value.0,
                DonationLine::Packages { count, value, .. } => {
                    sums.packages += count;
                    sums.packages_value.0 += value.0;
                }
                DonationLine::Cash { amount } => sums.cash.0 += amount.0,
            }
        }
        sums
    }
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
    pub rows: Vec<DonationPreviewRow>,
    /// Rows by status.
    pub totals: Totals,
    /// What the new rows add up to.
    pub sums: Sums,
    /// What is odd about the file: `same_file` when it came before, `no_warehouse` when goods would enter no stock.
    pub warnings: Vec<RowIssue>,
}

/// Previews a read list against what is stored now.
pub async fn compose(
    conn: &mut Conn,
    list: &StagedList,
    mut reading: Reading<DonationRow>,
    lang: Lang,
) -> Result<Preview> {
    // Once committed, the list's own donations are stored: its rows are shown as they were.
    let known = match list.committed_at {
        None => known::mark(conn, &mut reading).await?,
        Some(_) => BTreeMap::new(),
    };
    let new = || reading.rows.iter().filter(|row| row.status == RowStatus::New).filter_map(|row| row.parsed.as_ref());
    let mut warnings = RowIssue::all(&reading.warnings, lang);
    warnings.extend(list.same_file(conn).await?.map(|warning| RowIssue::of(&warning, lang)));
    let goods = new().flat_map(|row| &row.lines).any(|line| matches!(line, DonationLine::Goods { .. }));
    let options: super::api::Options = list.options()?;
    if goods && options.point_id.is_none() && first_warehouses(conn).await?.is_empty() {
        warnings.push(RowIssue::of(&no_warehouse(), lang));
    }
    Ok(Preview {
        id: list.id,
        file_name: list.file_name.clone(),
        created_at: list.created_at,
        committed_at: list.committed_at,
        rows: reading.rows.iter().map(|row| preview_row(row, &known, reading.key_of(row.at), lang)).collect(),
        totals: reading.totals(),
        sums: Sums::of(new()),
        warnings,
    })
}

fn preview_row(
    row: &ListRow<DonationRow>,
    known: &BTreeMap<RowAt, DonationId>,
    key: String,
    lang: Lang,
) -> DonationPreviewRow {
    let parsed = row.parsed.as_ref();
    DonationPreviewRow {
        row: row.at.row,
        key,
        status: row.status,
        donor: parsed.and_then(|parsed| parsed.donor.as_ref()).map(|donor| donor.name.clone()),
        received_on: parsed.and_then(|parsed| parsed.received_on),
        lines: parsed.map(|parsed| parsed.lines.clone()).unwrap_or_default(),
        errors: RowIssue::all(&row.errors, lang),
        warnings: RowIssue::all(&row.warnings, lang),
        duplicate_of: known
            .get(&row.at)
            .map(|id| SameGift::Donation(*id))
            .or_else(|| row.duplicate_of_row.map(|at| SameGift::Row(at.row))),
    }
}

fn no_warehouse() -> Issue {
    file_issue(
        "no_warehouse",
        Say::fixed(
            "Chưa có kho nào: hiện vật sẽ được tính vào số liệu ủng hộ nhưng không nhập kho. Hãy tạo kho hoặc chọn nơi nhập trước khi ghi.",
            "There is no warehouse: goods will count as donated but enter no stock. Make one, or choose a point, before committing.",
        ),
    )
}
