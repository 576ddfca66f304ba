//! What is done with a list of any kind, in the order in which it is done: kept, read again with other columns,
//! corrected, decided, committed, undone. Called by the API, the pages and the command line alike.

use std::collections::BTreeMap;

use serde_json::json;

use super::commit::{ListCommit, Stored};
use super::corrected::Corrected;
use super::decisions::ListDecisions;
use super::file::{LookedUp, Reread, Sent};
use super::kind::{By, ListKind};
use super::matching::ListMatching;
use super::opened::Opened;
use super::preview::ListPreview;
use super::scope::find;
use super::staged;
use super::staged::Uploaded;
use super::staged::by_hand::{self, Decided};
use super::staged::steps::{self, Steps, Typed};
use super::undo::ListUndo;
use crate::db::Tx;
use crate::http::{Core, Result};
use crate::imports::staged::KeptDecision;
use crate::kernel::ids::ImportId;
use crate::kernel::message::Lang;
use crate::people::Permit;
use crate::people::audit::{self, Act, Actor};
use crate::spreadsheet::RowAt;

/// Rows of a list that changes what the database should know of its tables.
const LONG: usize = 1_000;

fn actor<K: ListKind>(by: By<'_, K>) -> Actor {
    by.map_or(Actor::System, |permit| permit.actor())
}

fn user<K: ListKind>(by: By<'_, K>) -> Option<uuid::Uuid> {
    by.map(|permit| permit.id.0)
}

/// Keeps a list that was sent, and previews it; nothing of it is stored yet.
pub async fn upload<K: ListPreview>(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<K::Right>,
    Sent { file_name, options, list, .. }: Sent<K>,
    lang: Lang,
) -> Result<K::Preview> {
    let list = stage::<K>(tx, core, Some(permit), file_name, options, list).await?;
    K::preview(tx, &list, lang).await
}

/// Keeps a read list until it is committed.
pub async fn stage<K: ListMatching>(
    tx: &mut Tx,
    core: &Core,
    by: By<'_, K>,
    file_name: String,
    mut options: K::Options,
    LookedUp { file, found }: LookedUp<K>,
) -> Result<Opened<K>> {
    K::check(tx, by, &mut options).await?;
    let uploaded = Uploaded { file_name, options: &options, by: user::<K>(by) };
    let (list, reading) = staged::stage(tx, core, uploaded, file).await?;
    let list = Corrected { list, options, reading, steps: Steps::default() };
    let opened = Opened::with(tx, core, by, list, found).await?;
    let act = Act::on("upload", K::RECORD, opened.list.id.0).with(json!({ "totals": opened.reading.totals() }));
    audit::append(tx, &core.clock, actor::<K>(by), act).await?;
    Ok(opened)
}

/// Logs a look at a list that tells of people.
pub async fn seen<K: ListKind>(core: &Core, permit: &Permit<K::Right>, id: ImportId) -> Result<()> {
    if K::PERSONAL {
        audit::record(core, permit.actor(), Act::on("read_personal", K::RECORD, id.0)).await?;
    }
    Ok(())
}

/// The list as it stands now, all of it of one moment; the look is logged.
pub async fn preview<K: ListPreview>(
    core: &Core,
    permit: &Permit<K::Right>,
    id: ImportId,
    lang: Lang,
) -> Result<K::Preview> {
    let mut conn = core.db.snapshot().await?;
    let list = Opened::<K>::find(&mut conn, core, Some(permit), id).await?;
    let preview = K::preview(&mut conn, &list, lang).await?;
    drop(conn);
    seen::<K>(core, permit, id).await?;
    Ok(preview)
}

/// Puts another reading of its file in place of the first. What was corrected and decided is forgotten, since the rows
/// may be others now.
pub async fn reread<K: ListMatching>(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<K::Right>,
    id: ImportId,
    Reread { mut options, file, .. }: Reread<K>,
) -> Result<()> {
    K::check(tx, Some(permit), &mut options).await?;
    let mut list = find::<K>(tx, Some(permit), id).await?;
    staged::restage(tx, &mut list, &options, file).await?;
    audit::append(tx, &core.clock, permit.actor(), Act::on("reread", K::RECORD, id.0)).await
}

/// Keeps what was typed for some rows of a list that its clerk sees.
pub async fn correct<K: ListMatching>(
    tx: &mut Tx,
    core: &Core,
    list: &Opened<K>,
    rows: BTreeMap<RowAt, Typed>,
) -> Result<()> {
    let typed = by_hand::typed((&list.reading, &list.steps), &K::typed(), K::correctable, rows)?;
    steps::correct(tx, core, list.list.id, &typed).await
}

/// Keeps decisions about rows of a list that its clerk sees.
pub async fn decide<K: ListDecisions>(
    tx: &mut Tx,
    list: &Opened<K>,
    rows: BTreeMap<RowAt, K::Decision>,
) -> Result<Decided> {
    let all = rows.len();
    let kept: Vec<(RowAt, Option<KeptDecision>)> = rows
        .into_iter()
        .filter_map(|(at, decision)| Some((at, K::kept_decision(list, list.reading.place(at)?, decision)?)))
        .collect();
    steps::decide(tx, list.list.id, &kept).await?;
    Ok(Decided { decided: kept.len(), impossible: all - kept.len() })
}

/// Stores a list, all or nothing. Of several callers exactly one succeeds.
pub async fn commit<K: ListCommit>(
    tx: &mut Tx,
    core: &Core,
    by: By<'_, K>,
    id: ImportId,
    body: K::CommitBody,
) -> Result<K::Counts> {
    let list = find::<K>(tx, by, id).await?;
    staged::take(tx, core, &list, user::<K>(by)).await?;
    let rows = list.totals.0;
    let list = Corrected::<K>::read(tx, core, list).await?;
    let Stored { counts, left } = K::store(tx, core, by, list, body).await?;
    if rows.new + rows.update > LONG {
        tx.grown(K::TABLES).await?;
    }
    staged::finish(tx, core, id, left, &counts).await?;
    let act = Act::on("commit", K::RECORD, id.0).with(json!(counts));
    audit::append(tx, &core.clock, actor::<K>(by), act).await?;
    tell_viewers(tx, core);
    Ok(counts)
}

/// Undoes a committed list as a whole, while nothing depends on what it stored.
pub async fn undo<K: ListUndo>(tx: &mut Tx, core: &Core, permit: &Permit<K::Right>, id: ImportId) -> Result<K::Undone> {
    let list = find::<K>(tx, Some(permit), id).await?;
    staged::undo(tx, core, &list, Some(permit.id.0)).await?;
    let undone = K::undo(tx, core, permit, id).await?;
    let act = Act::on("undo", K::RECORD, id.0).with(json!(undone));
    audit::append(tx, &core.clock, permit.actor(), act).await?;
    tell_viewers(tx, core);
    Ok(undone)
}

fn tell_viewers(tx: &mut Tx, core: &Core) {
    let core = core.clone();
    tx.after_commit(move || core.changed());
}
