//! What a clerk does with a previewed list: other columns, corrected cells, decisions; and taking a committed list back.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use super::opened::Opened;
use super::preview::{self, Options, of_importer};
use super::rows::TYPED;
use super::{HouseholdRow, Importer};
use crate::db::Tx;
use crate::households::HouseholdId;
use crate::households::store::undo;
use crate::kernel::Say;
use crate::lists::said::added;
use crate::lists::staged::steps::{self, Typed};
use crate::lists::staged::{self, ImportId, Progress, by_hand};
use crate::lists::{Choice, ListRow, RowAt, RowStatus};
use crate::people::AreaId;
use crate::people::audit::{self, Act};
use crate::places;
use crate::web::{Core, Error, Result};

/// What is to become of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::households) enum Decision {
    /// A household of its own.
    New,
    /// Left out.
    Skip,
    /// It gives the household that it is the same as what that lacks.
    Merge,
    /// The same, with a household that the clerk named.
    Into(HouseholdId),
    /// What the preview says; takes an earlier decision back.
    Back,
}

impl Decision {
    /// `new`, `skip`, `merge`, a household's id, or nothing.
    pub(in crate::households) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "" => Self::Back,
            "new" => Self::New,
            "skip" => Self::Skip,
            "merge" => Self::Merge,
            id => Self::Into(id.parse().ok()?),
        })
    }
}

/// How many rows a decision reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = HouseholdImportDecided)]
pub(in crate::households) struct Decided {
    /// Rows that are decided so now.
    pub(in crate::households) decided: usize,
    /// Rows of which it can't be: an id number that is known already, errors, nothing to merge into.
    pub(in crate::households) impossible: usize,
}

/// Reads the file again with columns chosen by hand and another area. What was corrected and decided is forgotten, since
/// the rows may be others now.
pub(in crate::households) async fn reread(
    core: &Core,
    importer: &Importer,
    id: ImportId,
    columns: Vec<Choice>,
    area_id: Option<AreaId>,
) -> Result<()> {
    let mut conn = core.db.read().await?;
    let list = of_importer(&mut conn, importer, id).await?;
    let bytes = staged::file(&mut conn, core, &list).await?;
    drop(conn);
    let before: Options = list.options()?;
    let options = Options {
        area_id: area_id.or(before.area_id),
        columns: added(before.columns, columns),
        campaign_id: before.campaign_id,
    };
    let file = preview::read_file_with(core, bytes, options.columns.clone(), Progress::default()).await?;
    let mut tx = core.db.begin().await?;
    if let Some(area_id) = options.area_id {
        places::api::require_area(&mut tx, "area_id", area_id).await?;
        importer.scope.require(area_id)?;
    }
    let mut list = of_importer(&mut tx, importer, id).await?;
    staged::restage(&mut tx, &mut list, &options, file).await?;
    audit::append(&mut tx, &core.clock, importer.actor, Act::on("reread", "household_import", id.0)).await?;
    tx.commit().await?;
    Ok(())
}

/// Keeps what was typed for some rows.
pub(in crate::households) async fn correct(core: &Core, opened: &Opened, rows: BTreeMap<RowAt, Typed>) -> Result<()> {
    let (list, mendable) = ((&opened.reading, &opened.steps), |row: &ListRow<HouseholdRow>| row.parsed.is_some());
    by_hand::correct(core, opened.list.id, list, &TYPED, mendable, rows).await
}

/// Which rows a decision is about.
pub(in crate::households) enum About {
    /// These.
    Rows(BTreeMap<RowAt, Decision>),
    /// All of a status.
    Every(RowStatus, Decision),
}

/// Keeps decisions about rows.
pub(in crate::households) async fn decide(
    core: &Core,
    importer: &Importer,
    opened: &Opened,
    about: About,
) -> Result<Decided> {
    let wanted: Vec<(usize, Decision)> = match about {
        About::Rows(rows) => {
            let place = |(at, decision): (RowAt, Decision)| opened.place(at).map(|place| (place, decision));
            rows.into_iter().filter_map(place).collect()
        }
        About::Every(status, decision) => {
            let rows = opened.reading.rows.iter().enumerate();
            rows.filter(|(_, row)| row.status == status).map(|(place, _)| (place, decision)).collect()
        }
    };
    let mut done = Decided::default();
    let mut kept = Vec::with_capacity(wanted.len());
    for (place, decision) in wanted {
        match stored(opened, importer, place, decision) {
            Some(decision) => kept.push((opened.reading.rows[place].at, decision)),
            None => done.impossible += 1,
        }
    }
    done.decided = kept.len();
    let mut tx = core.db.begin().await?;
    steps::decide(&mut tx, opened.list.id, &kept).await?;
    tx.commit().await?;
    Ok(done)
}

/// A decision as it is kept, or nothing when it can't be.
fn stored(opened: &Opened, importer: &Importer, place: usize, decision: Decision) -> Option<Option<String>> {
    let status = opened.reading.rows[place].status;
    if status == RowStatus::Skipped
        || (status == RowStatus::Error && !matches!(decision, Decision::Skip | Decision::Back))
    {
        return None;
    }
    match decision {
        Decision::Back => Some(None),
        Decision::Skip => Some(Some("skip".to_owned())),
        Decision::New => (!opened.is_taken(place)).then(|| Some("new".to_owned())),
        Decision::Merge => opened.same(place, importer).map(|found| Some(found.id.to_string())),
        Decision::Into(id) => Some(Some(id.to_string())),
    }
}

/// What taking a list back did.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = HouseholdImportUndone)]
pub(in crate::households) struct Undone {
    /// Households that are no longer in the register.
    pub(in crate::households) removed: u64,
    /// Households from which was taken what the list had told of them.
    pub(in crate::households) emptied: u64,
}

/// Takes a committed list back as a whole, while nothing depends on it.
pub(in crate::households) async fn take_back(
    tx: &mut Tx,
    core: &Core,
    importer: &Importer,
    id: ImportId,
) -> Result<Undone> {
    let list = of_importer(tx, importer, id).await?;
    staged::undo(tx, core, &list, importer.actor.id()).await?;
    undo::lock(tx, id).await?;
    let (with_voucher, changed) = undo::dependant_counts(tx, id).await?;
    if with_voucher > 0 || changed > 0 {
        return Err(in_use(with_voucher, changed));
    }
    let emptied = undo::empty_again(tx, &core.clock, id).await?;
    let removed = undo::remove(tx, id).await?;
    let act = Act::on("undo", "household_import", id.0).with(json!({ "removed": removed, "emptied": emptied }));
    audit::append(tx, &core.clock, importer.actor, act).await?;
    Ok(Undone { removed, emptied })
}

fn in_use(with_voucher: i64, changed: i64) -> Error {
    let (mut vi, mut en) = (Vec::new(), Vec::new());
    if with_voucher > 0 {
        vi.push(format!("{with_voucher} hộ đã có phiếu nhận hàng"));
        en.push(format!("{with_voucher} households have vouchers"));
    }
    if changed > 0 {
        vi.push(format!("{changed} hộ đã được sửa, gộp hoặc xóa dữ liệu sau khi ghi"));
        en.push(format!("{changed} households were changed, merged or erased since"));
    }
    let say = Say::new(
        format!("Không hoàn tác được cả danh sách: {}. Hãy sửa hoặc gộp từng hộ.", vi.join("; ")),
        format!(
            "The list can't be taken back as a whole: {}. Correct or merge single households instead.",
            en.join("; ")
        ),
    );
    Error::Conflict { code: "import_in_use", say }
}
