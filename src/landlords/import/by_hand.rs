//! What a clerk does with a previewed list: other columns, corrected cells, decisions; and taking a stored list back.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use super::api::{list_of, opened};
use super::stage::{Options, Staged};
use super::{ReductionRow, VOCABULARY};
use crate::db::Tx;
use crate::kernel::Say;
use crate::landlords::store::undo;
use crate::lists::said::added;
use crate::lists::staged::by_hand::{self, Decided, Decision};
use crate::lists::staged::steps::Typed;
use crate::lists::staged::{self, ImportId, Kind};
use crate::lists::{Choice, ListRow, RowAt};
use crate::people::Staff;
use crate::people::audit::{self, Act};
use crate::web::{Core, Error, Result};

/// Reads the file again with columns chosen by hand. What was corrected and decided is forgotten, since the rows may be
/// others now.
pub(super) async fn reread(core: &Core, staff: &Staff, id: ImportId, columns: Vec<Choice>) -> Result<()> {
    let mut conn = core.db.read().await?;
    let list = list_of(&mut conn, staff, id).await?;
    let bytes = staged::file(&mut conn, core, &list).await?;
    drop(conn);
    let before: Options = list.options()?;
    let options = Options { columns: added(before.columns, columns), ..before };
    let columns = options.columns.clone();
    let file =
        staged::read_file(core, Kind::RentReductions, bytes, move |book| super::rows::read(book, &columns)).await?;
    let mut tx = core.db.begin().await?;
    let mut list = list_of(&mut tx, staff, id).await?;
    staged::restage(&mut tx, &mut list, &options, file).await?;
    audit::append(&mut tx, &core.clock, staff.actor(), Act::on("reread", "rent_import", id.0)).await?;
    tx.commit().await?;
    Ok(())
}

/// Keeps what was typed for some rows.
pub(super) async fn correct(core: &Core, list: &Staged, rows: BTreeMap<RowAt, Typed>) -> Result<()> {
    let mendable = |row: &ListRow<ReductionRow>| !row.original.is_empty();
    by_hand::correct(core, list.list.id, (&list.reading, &list.steps), &VOCABULARY.names(), mendable, rows).await
}

/// Keeps decisions about rows.
pub(super) async fn decide(core: &Core, list: &Staged, rows: BTreeMap<RowAt, Option<Decision>>) -> Result<Decided> {
    by_hand::decide(core, list.list.id, &list.reading, rows).await
}

/// What is kept of a list for this login, to work on.
pub(super) async fn open(core: &Core, staff: &Staff, id: ImportId) -> Result<Staged> {
    opened(&mut core.db.read().await?, core, staff, id).await
}

/// What taking a list back did.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RentImportUndone)]
pub(super) struct Undone {
    /// Reductions that are no longer there.
    pub(super) removed: u64,
}

/// Takes a stored list back as a whole, while nobody has changed any of its reductions.
pub(super) async fn take_back(tx: &mut Tx, core: &Core, staff: &Staff, id: ImportId) -> Result<Undone> {
    let list = list_of(tx, staff, id).await?;
    staged::undo(tx, core, &list, Some(staff.id.0)).await?;
    undo::lock(tx, id).await?;
    let changed = undo::dependant_count(tx, id).await?;
    if changed > 0 {
        let say = Say::new(
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
    let removed = undo::remove(tx, id).await?;
    let act = Act::on("undo", "rent_import", id.0).with(json!({ "removed": removed }));
    audit::append(tx, &core.clock, staff.actor(), act).await?;
    Ok(Undone { removed })
}
