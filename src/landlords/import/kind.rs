//! Lists of landlords, as a kind of imported list.

use std::collections::BTreeMap;

use serde::Serialize;

use super::api::Committed;
use super::decisions::{CommitBody, choose};
use super::preview::{self, Preview, PreviewRow};
use super::stage::{self, Options, known};
use super::store::Arrival;
use super::{ReductionRow, VOCABULARY, commit, duplicates, rows};
use crate::db::{Conn, Tx};
use crate::http::{Core, Error, Result, Upload};
use crate::imports::kind::{By, ListKind, Read};
use crate::imports::opened::forget_duplicates;
use crate::imports::staged::by_hand::Decision;
use crate::imports::staged::steps::Typed;
use crate::imports::staged::{Kind, Progress, StagedList, by_hand, steps};
use crate::imports::{sequence, staged};
use crate::kernel::ids::{ImportId, ReductionId};
use crate::kernel::message::Lang;
use crate::kernel::{Day, Message};
use crate::landlords::ReductionStatus;
use crate::landlords::lookup::area_of_new;
use crate::landlords::store::undo;
use crate::people::{Right, Staff};
use crate::spreadsheet::reading::SheetReading;
use crate::spreadsheet::{Choice, Issue, ListRow, Reading, RowStatus, Workbook};
use crate::{imports, spreadsheet};

/// Lists of landlords.
pub struct RentReductions;

/// One of them as it stands.
pub type Opened = imports::opened::Opened<RentReductions>;

/// What taking a list back did.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RentImportUndone)]
pub struct Undone {
    /// Reductions that are no longer there.
    pub removed: u64,
}

impl ListKind for RentReductions {
    const KIND: Kind = Kind::RentReductions;
    const RIGHT: Right = Right::WriteRent;
    const RECORD: &'static str = "rent_import";
    const PERSONAL: bool = true;
    const TABLES: &'static [&'static str] = &["landlords", "rooms", "rent_reductions", "rent_lines"];
    const VOCABULARY: &'static spreadsheet::Vocabulary = &VOCABULARY;

    type Row = ReductionRow;
    type Options = Options;
    /// Rows that are stored already, by their place in the reading.
    type Found = ();
    type Met = BTreeMap<usize, ReductionId>;
    type Decision = Option<Decision>;
    type PreviewRow = PreviewRow;
    type Preview = Preview;
    type CommitBody = CommitBody;
    type Counts = Committed;
    type Undone = Undone;

    fn options(upload: &Upload) -> Result<Options> {
        Ok(Options { area_id: sequence::area_field(upload)?, columns: Vec::new() })
    }

    fn columns(options: &mut Options) -> &mut Vec<Choice> {
        &mut options.columns
    }

    async fn check(tx: &mut Tx, by: By<'_>, options: &mut Options) -> Result<()> {
        options.area_id = area_of_new(tx, by, options.area_id).await?;
        Ok(())
    }

    fn read(book: &Workbook, options: &Options, _today: Day, _progress: &Progress) -> Read<ReductionRow> {
        rows::read(book, &options.columns)
    }

    fn correct(row: &mut ListRow<ReductionRow>, sheet: &SheetReading, typed: &Typed, _options: &Options, _today: Day) {
        rows::correct(row, sheet, typed);
    }

    fn mark_again(rows: &mut [ListRow<ReductionRow>], _mended: &[usize]) {
        forget_duplicates(rows);
        // Who is who may be otherwise now too.
        duplicates::tell_landlords_apart(rows);
        duplicates::mark(rows);
    }

    async fn match_stored(
        conn: &mut Conn,
        core: &Core,
        _by: By<'_>,
        _list: &StagedList,
        _options: &Options,
        reading: &mut Reading<ReductionRow>,
        _found: (),
    ) -> Result<BTreeMap<usize, ReductionId>> {
        let known = known(conn, &core.vault, reading).await?;
        for place in known.keys() {
            reading.rows[*place].status = RowStatus::Duplicate;
        }
        Ok(known)
    }

    async fn warnings(conn: &mut Conn, list: &Opened) -> Result<Vec<Issue>> {
        Ok(stage::areas_unknown(conn, list).await?.into_iter().collect())
    }

    async fn preview(conn: &mut Conn, list: &Opened, lang: Lang) -> Result<Preview> {
        Ok(preview::preview(list, list.warnings(conn, lang).await?, lang))
    }

    fn preview_row(list: &Opened, place: usize, lang: Lang) -> PreviewRow {
        preview::preview_row(list, place, lang)
    }

    fn decision(text: &str) -> Option<Option<Decision>> {
        Decision::parse(text)
    }

    fn decided(list: &Opened, place: usize, decision: Option<Decision>) -> Option<Option<String>> {
        by_hand::kept(list.reading.rows[place].status, decision)
    }

    fn allow(staff: &Staff, body: &CommitBody) -> Result<()> {
        let status = body.status();
        if status != ReductionStatus::Pledged {
            staff.require(Right::VerifyRent)?;
        }
        if matches!(status, ReductionStatus::Rejected | ReductionStatus::Withdrawn) {
            let say = Message::fixed(
                "Trạng thái khi lưu là pledged, verified hoặc confirmed.",
                "The status is pledged, verified or confirmed.",
            );
            return Err(Error::field("status", "unknown_value", say));
        }
        Ok(())
    }

    async fn store(tx: &mut Tx, core: &Core, by: By<'_>, list: StagedList, body: CommitBody) -> Result<Committed> {
        let staff = by.ok_or(Error::Forbidden)?;
        let list = Opened::of(tx, core, by, list).await?;
        let (id, status) = (list.list.id, body.status());
        let chosen = choose(&list, &by_hand::all_decisions(&list.reading, &list.steps, body.decisions))?;
        let how = Arrival {
            import_id: id,
            status: status.name(),
            by: staff.id,
            at: core.clock.now(),
            counted: status != ReductionStatus::Pledged,
            confirmed: status == ReductionStatus::Confirmed,
        };
        let stored = commit::store(core, tx, &list, &chosen.new, how).await?;
        // What is stored needs no second copy.
        staged::keep(tx, id, None, staged::json(&list.reading.totals())?).await?;
        steps::forget(tx, id).await?;
        Ok(Committed {
            new: stored.reductions,
            duplicate: chosen.duplicate,
            error: chosen.error,
            skipped: chosen.skipped,
            landlords: stored.landlords,
            rooms: stored.rooms,
            room_months: stored.room_months,
            amount: stored.amount,
        })
    }

    async fn undo(tx: &mut Tx, _core: &Core, id: ImportId) -> Result<Undone> {
        undo::lock(tx, id).await?;
        let changed = undo::dependant_count(tx, id).await?;
        if changed > 0 {
            let say = Message::new(
                format!(
                    "Không hoàn tác được cả danh sách: {changed} khoản đã được xác minh, sửa, từ chối hoặc xác nhận sau khi \
                     ghi. Hãy từ chối từng khoản không đúng."
                ),
                format!(
                    "The list can't be taken back as a whole: {changed} reductions were verified, corrected, rejected or \
                     confirmed since. Reject the wrong ones one by one."
                ),
            );
            return Err(Error::Conflict { code: "import_in_use", say });
        }
        Ok(Undone { removed: undo::remove(tx, id).await? })
    }
}
