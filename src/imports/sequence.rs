//! What is done with a list of any kind, in the order in which it is done: uploaded, looked at, read again with other
//! columns, corrected, decided, committed, undone. The handlers of each kind's API are these, under its own paths
//! and names; the pages call the same.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::json;
use uuid::Uuid;

use super::commit::ListCommit;
use super::decisions::ListDecisions;
use super::kind::{By, ListKind};
use super::matching::ListMatching;
use super::opened::Opened;
use super::preview::ListPreview;
use super::rows::ListRows;
use super::scope::{find, only_of};
use super::staged::by_hand::{self, CorrectionBody, Decided};
use super::staged::steps::Steps;
use super::staged::{Earlier, Progress, ReadFile, Sealed, Uploaded};
use super::undo::ListUndo;
use super::{form, staged};
use crate::db::Tx;
use crate::http::{Answer, Claim, Core, CreateBody, Error, Listing, Page, Result, Upload, language_of};
use crate::kernel::ids::ImportId;
use crate::kernel::message::Lang;
use crate::people::audit::{self, Act, Actor};
use crate::people::{Permit, Staff};
use crate::spreadsheet::{Choice, RowAt, Workbook};

/// Rows of a list that changes what the database should know of its tables.
const LONG: usize = 1_000;

/// Who works on a list, and in which language they are answered.
pub struct Clerk<K: ListKind> {
    /// The shared state.
    pub core: Core,
    /// Who, with the right to import lists of this kind.
    pub permit: Permit<K::Right>,
    /// Their language.
    pub lang: Lang,
}

impl<S, K: ListKind> FromRequestParts<S> for Clerk<K>
where
    S: Send + Sync,
    Core: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let permit = Permit::from_request_parts(parts, state).await?;
        Ok(Self { core: Core::from_ref(state), permit, lang: language_of(&parts.headers) })
    }
}

fn actor(by: By<'_>) -> Actor {
    by.map_or(Actor::System, Staff::actor)
}

fn user(by: By<'_>) -> Option<Uuid> {
    by.map(|staff| staff.id.0)
}

/// Uploaded lists, newest first.
pub async fn earlier<K: ListKind>(clerk: &Clerk<K>, page: Page) -> Result<Json<Listing<Earlier>>> {
    let Clerk { core, permit: staff, .. } = clerk;
    let mut conn = core.db.read().await?;
    Ok(Json(by_hand::listing(&mut conn, K::KIND, only_of::<K>(Some(staff)), page).await?))
}

/// Reads a file and previews it; nothing of it is stored yet.
pub async fn upload<K: ListPreview>(clerk: &Clerk<K>, upload: Upload) -> Result<Answer> {
    let Clerk { core, permit: staff, lang } = clerk;
    let options = K::options(&upload)?;
    // A page asks meanwhile how far it is.
    let progress = Progress::followed(core, upload.field("progress"));
    let _turn = core.imports.turn().await?;
    let file = look_up::<K>(core, upload.bytes, options.clone(), progress).await?;
    let mut tx = match upload.once.begin(core, staff.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    let list = stage::<K>(&mut tx, core, Some(staff), upload.file_name, options, file).await?;
    let preview = K::preview(&mut tx, &list, *lang).await?;
    upload.once.finish(core, tx, staff.id.0, StatusCode::CREATED, &preview).await
}

/// A list that was read and looked up among what is stored.
pub struct LookedUp<K: ListMatching> {
    file: (ReadFile<K::Row>, Sealed),
    found: K::Found,
}

/// Reads a file with the clerk's choices and looks its rows up. One that is no list is refused with the reason.
pub async fn look_up<K: ListMatching>(
    core: &Core,
    bytes: Bytes,
    options: K::Options,
    progress: Progress,
) -> Result<LookedUp<K>> {
    let file = read::<K>(core, bytes, options, progress).await?;
    let (sealed, found) = tokio::try_join!(file.sealed(core), K::look_up_beside(core, &file.reading))?;
    Ok(LookedUp { file: (file, sealed), found })
}

async fn read<K: ListRows>(
    core: &Core,
    bytes: Bytes,
    options: K::Options,
    progress: Progress,
) -> Result<ReadFile<K::Row>> {
    let today = core.clock.today();
    let read = move |book: &Workbook| K::read(book, &options, today, &progress);
    staged::read_file(core, K::KIND, bytes, read).await
}

/// Keeps a read list until it is committed.
pub async fn stage<K: ListMatching>(
    tx: &mut Tx,
    core: &Core,
    by: By<'_>,
    file_name: String,
    mut options: K::Options,
    LookedUp { file, found }: LookedUp<K>,
) -> Result<Opened<K>> {
    K::check(tx, by, &mut options).await?;
    let uploaded = Uploaded { file_name, options: &options, by: user(by) };
    let (list, reading) = staged::stage(tx, core, uploaded, file).await?;
    let opened = Opened::<K>::with(tx, core, by, list, (reading, found), Steps::default()).await?;
    let act = Act::on("upload", K::RECORD, opened.list.id.0).with(json!({ "totals": opened.reading.totals() }));
    audit::append(tx, &core.clock, actor(by), act).await?;
    Ok(opened)
}

/// Logs a look at a list that tells of people.
pub async fn seen<K: ListKind>(clerk: &Clerk<K>, id: ImportId) -> Result<()> {
    let Clerk { core, permit: staff, .. } = clerk;
    if K::PERSONAL {
        audit::record(core, staff.actor(), Act::on("read_personal", K::RECORD, id.0)).await?;
    }
    Ok(())
}

/// The list as it stands now.
pub async fn preview<K: ListPreview>(clerk: &Clerk<K>, id: ImportId) -> Result<Json<K::Preview>> {
    let Clerk { core, permit: staff, lang } = clerk;
    let mut conn = core.db.snapshot().await?;
    let list = find::<K>(&mut conn, Some(staff), id).await?;
    let list = Opened::<K>::of(&mut conn, core, Some(staff), list).await?;
    let preview = K::preview(&mut conn, &list, *lang).await?;
    drop(conn);
    seen::<K>(clerk, id).await?;
    Ok(Json(preview))
}

/// The rows with errors, annotated, as a workbook.
pub async fn errors<K: ListMatching>(clerk: &Clerk<K>, id: ImportId) -> Result<Response> {
    let Clerk { core, permit: staff, lang } = clerk;
    let list = Opened::<K>::find(core, Some(staff), id).await?;
    seen::<K>(clerk, id).await?;
    staged::errors_download(list.reading, *lang).await
}

/// Reads the file again with columns chosen by hand; `choose` says what else is chosen anew. What was corrected and
/// decided is forgotten, since the rows may be others now.
pub async fn reread<K: ListMatching>(
    clerk: &Clerk<K>,
    id: ImportId,
    columns: Vec<Choice>,
    choose: impl FnOnce(&mut K::Options) + Send,
) -> Result<()> {
    let Clerk { core, permit: staff, .. } = clerk;
    let _turn = core.imports.turn().await?;
    let mut conn = core.db.read().await?;
    let list = find::<K>(&mut conn, Some(staff), id).await?;
    let bytes = staged::file(&mut conn, core, &list).await?;
    drop(conn);
    let mut options: K::Options = list.options()?;
    choose(&mut options);
    let chosen = K::columns(&mut options);
    *chosen = form::added(std::mem::take(chosen), columns);
    let file = read::<K>(core, bytes, options.clone(), Progress::default()).await?;
    let sealed = file.sealed(core).await?;
    let mut tx = core.db.begin().await?;
    K::check(&mut tx, Some(staff), &mut options).await?;
    let mut list = find::<K>(&mut tx, Some(staff), id).await?;
    staged::restage(&mut tx, &mut list, &options, (file, sealed)).await?;
    audit::append(&mut tx, &core.clock, staff.actor(), Act::on("reread", K::RECORD, id.0)).await?;
    tx.commit().await?;
    Ok(())
}

/// Keeps cells typed anew; the rows as they are then.
pub async fn correct<K: ListPreview>(
    clerk: &Clerk<K>,
    id: ImportId,
    body: CorrectionBody,
) -> Result<Json<Vec<K::PreviewRow>>> {
    let Clerk { core, permit: staff, lang } = clerk;
    let list = Opened::<K>::find(core, Some(staff), id).await?;
    let rows = body.by_place(&list.reading)?;
    let places: Vec<RowAt> = rows.keys().copied().collect();
    list.correct(core, rows).await?;
    let (list, lang) = (Opened::<K>::find(core, Some(staff), id).await?, *lang);
    let shown = places.into_iter().filter_map(|at| list.reading.place(at));
    Ok(Json(shown.map(|place| K::preview_row(&list, place, lang)).collect()))
}

/// Keeps decisions about rows: those that `about` tells of the list.
pub async fn decide<K: ListDecisions>(
    clerk: &Clerk<K>,
    id: ImportId,
    about: impl FnOnce(&Opened<K>) -> Result<BTreeMap<RowAt, K::Decision>> + Send,
) -> Result<Decided> {
    let Clerk { core, permit: staff, .. } = clerk;
    let list = Opened::<K>::find(core, Some(staff), id).await?;
    let rows = about(&list)?;
    list.decide(core, rows).await
}

/// Stores a list, all or nothing, once.
pub async fn commit<K: ListCommit>(
    clerk: &Clerk<K>,
    id: ImportId,
    create: CreateBody<K::CommitBody>,
) -> Result<Answer> {
    let Clerk { core, permit: staff, .. } = clerk;
    let CreateBody { body, once } = create;
    K::allow(staff, &body)?;
    let mut tx = match once.begin(core, staff.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    let counts = store::<K>(&mut tx, core, Some(staff), id, body).await?;
    let answer = once.finish(core, tx, staff.id.0, K::COMMITTED, &counts).await?;
    core.changed();
    Ok(answer)
}

/// Stores a list. Of several callers exactly one succeeds; the caller commits the transaction.
pub async fn store<K: ListCommit>(
    tx: &mut Tx,
    core: &Core,
    by: By<'_>,
    id: ImportId,
    body: K::CommitBody,
) -> Result<K::Counts> {
    let list = find::<K>(tx, by, id).await?;
    staged::take(tx, core, &list, user(by)).await?;
    let rows = list.totals.0;
    let counts = K::store(tx, core, by, list, body).await?;
    if rows.new + rows.update > LONG {
        tx.grown(K::TABLES).await?;
    }
    staged::keep_counts(tx, id, staged::json(&counts)?).await?;
    let act = Act::on("commit", K::RECORD, id.0).with(json!(counts));
    audit::append(tx, &core.clock, actor(by), act).await?;
    Ok(counts)
}

/// Undoes a committed list as a whole, while nothing depends on what it stored.
pub async fn undo<K: ListUndo>(clerk: &Clerk<K>, id: ImportId) -> Result<Json<K::Undone>> {
    let Clerk { core, permit: staff, .. } = clerk;
    let mut tx = core.db.begin().await?;
    let list = find::<K>(&mut tx, Some(staff), id).await?;
    staged::undo(&mut tx, core, &list, Some(staff.id.0)).await?;
    let undone = K::undo(&mut tx, core, id).await?;
    let act = Act::on("undo", K::RECORD, id.0).with(json!(undone));
    audit::append(&mut tx, &core.clock, staff.actor(), act).await?;
    tx.commit().await?;
    core.changed();
    Ok(Json(undone))
}
