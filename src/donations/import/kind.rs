//! Lists of donors, as a kind of imported list.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;

use super::api::{CommitBody, Committed, Options};
use super::commit::{Common, donations, unknown_decisions};
use super::known;
use super::preview::{self, DonationPreviewRow, Preview, Sums};
use super::rows::{self, DonationRow, ImportOptions};
use super::things::DonationLine;
use super::undo::{self, Undone};
use super::vocabulary::VOCABULARY;
use crate::campaigns::api::campaigns::require_campaign;
use crate::db::{Conn, Tx};
use crate::donations::record::record;
use crate::http::{Core, Error, Result, Upload};
use crate::imports::kind::{By, ListKind, Read};
use crate::imports::opened::{forget_duplicates, is_stored};
use crate::imports::staged::by_hand::Decision;
use crate::imports::staged::steps::Typed;
use crate::imports::staged::{Kind, Progress, StagedList, by_hand};
use crate::kernel::ids::{DonationId, ImportId, PointId};
use crate::kernel::message::Lang;
use crate::kernel::{Day, Message};
use crate::people::Right;
use crate::places::PointScope;
use crate::places::store::first_warehouses;
use crate::spreadsheet::{Choice, Issue, ListRow, Reading, RowAt, SheetReading, Workbook};
use crate::{imports, spreadsheet};

/// Lists of donors.
pub struct Donations;

/// One of them as it stands.
pub type Opened = imports::opened::Opened<Donations>;

impl ListKind for Donations {
    const KIND: Kind = Kind::Donations;
    const RIGHT: Right = Right::WriteGoods;
    const RECORD: &'static str = "donation_import";
    const PERSONAL: bool = false;
    const TABLES: &'static [&'static str] = &["donors", "donations", "donation_lines", "lots", "stock_entries"];
    const VOCABULARY: &'static spreadsheet::Vocabulary = &VOCABULARY;
    const COMMITTED: StatusCode = StatusCode::CREATED;

    type Row = DonationRow;
    type Options = Options;
    /// The rows that are stored already, and as what.
    type Found = ();
    type Met = BTreeMap<RowAt, DonationId>;
    type Decision = Option<Decision>;
    type PreviewRow = DonationPreviewRow;
    type Preview = Preview;
    type CommitBody = CommitBody;
    type Counts = Committed;
    type Undone = Undone;

    fn options(upload: &Upload) -> Result<Options> {
        Options::of(&upload.fields)
    }

    fn columns(options: &mut Options) -> &mut Vec<Choice> {
        &mut options.columns
    }

    async fn check(tx: &mut Tx, by: By<'_>, options: &mut Options) -> Result<()> {
        if let Some(id) = options.campaign_id {
            require_campaign(tx, "campaign_id", id).await?;
        }
        require_point(tx, by, options.point_id).await
    }

    fn read(book: &Workbook, options: &Options, today: Day, _progress: &Progress) -> Read<DonationRow> {
        rows::read(book, &options.columns, ImportOptions { unit: options.unit }, today)
    }

    fn correct(row: &mut ListRow<DonationRow>, sheet: &SheetReading, typed: &Typed, options: &Options, today: Day) {
        rows::correct(row, sheet, typed, ImportOptions { unit: options.unit }, today);
    }

    fn mark_again(rows: &mut [ListRow<DonationRow>], _mended: &[usize]) {
        forget_duplicates(rows);
        rows::mark_duplicates(rows);
    }

    async fn match_stored(
        conn: &mut Conn,
        _core: &Core,
        _by: By<'_>,
        list: &StagedList,
        _options: &Options,
        reading: &mut Reading<DonationRow>,
        _found: (),
    ) -> Result<BTreeMap<RowAt, DonationId>> {
        // Once committed, the list's own donations are stored: its rows are shown as they were.
        match list.committed_at {
            None => Ok(known::mark(conn, reading).await?),
            Some(_) => Ok(BTreeMap::new()),
        }
    }

    async fn warnings(conn: &mut Conn, list: &Opened) -> Result<Vec<Issue>> {
        preview::warnings(conn, list).await
    }

    async fn preview(conn: &mut Conn, list: &Opened, lang: Lang) -> Result<Preview> {
        preview::compose(conn, list, lang).await
    }

    fn preview_row(list: &Opened, place: usize, lang: Lang) -> DonationPreviewRow {
        preview::preview_row(list, place, lang)
    }

    fn decision(text: &str) -> Option<Option<Decision>> {
        Decision::parse(text)
    }

    fn decided(list: &Opened, place: usize, decision: Option<Decision>) -> Option<Option<String>> {
        by_hand::kept(list.reading.rows[place].status, decision)
    }

    async fn store(tx: &mut Tx, core: &Core, by: By<'_>, list: StagedList, body: CommitBody) -> Result<Committed> {
        let Opened { list, options, reading, steps, .. } = Opened::of(tx, core, by, list).await?;
        let rows = chosen(&reading, &by_hand::all_decisions(&reading, &steps, body.decisions))?;
        let goods = rows.iter().flat_map(|(_, row)| &row.lines).any(|line| matches!(line, DonationLine::Goods { .. }));
        let point_id = match body.point_id.or(options.point_id) {
            _ if !goods => None,
            Some(given) => Some(given),
            None => only_warehouse(first_warehouses(tx).await?)?,
        };
        require_point(tx, by, point_id).await?;
        let created_by = by.map(|staff| staff.id);
        let common = Common { import_id: list.id.0, campaign_id: options.campaign_id, point_id, created_by };
        let new = donations(tx, &core.clock, common, &rows).await?;
        let created = record(tx, &core.clock, &new).await?.len();
        let sums = Sums::of(rows.iter().map(|(_, row)| row));
        Ok(Committed { id: list.id, created, skipped: reading.data().count() - created, point_id, sums })
    }

    async fn undo(tx: &mut Tx, core: &Core, id: ImportId) -> Result<Undone> {
        undo::undo(tx, core, id).await
    }
}

async fn require_point(conn: &mut Conn, by: By<'_>, point_id: Option<PointId>) -> Result<()> {
    if let (Some(staff), Some(point_id)) = (by, point_id) {
        PointScope::of(staff).require_point(conn, "point_id", point_id).await?;
    }
    Ok(())
}

/// The rows that become donations.
fn chosen(
    reading: &Reading<DonationRow>,
    decisions: &BTreeMap<String, Decision>,
) -> Result<Vec<(String, DonationRow)>> {
    let keys: BTreeSet<String> = reading.data().map(|row| reading.key_of(row.at)).collect();
    if let Some(unknown) = unknown_decisions(decisions.keys(), &keys).first() {
        let say = Message::fixed("Không có dòng này trong danh sách.", "The list has no such row.");
        return Err(Error::field(format!("decisions.{unknown}"), "unknown", say));
    }
    let rows = reading.data().filter_map(|row| {
        let key = reading.key_of(row.at);
        let decision = decisions.get(&key).map(|decision| decision.name());
        let wanted = is_stored(row.status, decision);
        row.parsed.clone().filter(|_| wanted).map(|parsed| (key, parsed))
    });
    Ok(rows.collect())
}

/// Goods of a list without a point: into the only warehouse; where there is none at all they are only counted.
fn only_warehouse(warehouses: Vec<PointId>) -> Result<Option<PointId>> {
    match warehouses.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(*only)),
        _ => Err(Error::field(
            "point_id",
            "required",
            Message::fixed(
                "Có nhiều kho. Hãy chọn kho nhập hiện vật của danh sách này (point_id).",
                "There are several warehouses. Choose where this list's goods enter (point_id).",
            ),
        )),
    }
}
