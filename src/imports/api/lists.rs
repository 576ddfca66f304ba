//! The handlers of each kind's API.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;

use super::clerk::Clerk;
use crate::http::{Answer, CreateBody, Listing, Page, Result, Upload};
use crate::imports::commit::ListCommit;
use crate::imports::decisions::ListDecisions;
use crate::imports::kind::ListKind;
use crate::imports::matching::ListMatching;
use crate::imports::opened::Opened;
use crate::imports::preview::ListPreview;
use crate::imports::scope::only_of;
use crate::imports::staged::by_hand::{self, CorrectionBody, Decided};
use crate::imports::staged::{self, Earlier};
use crate::imports::undo::ListUndo;
use crate::imports::{file, service};
use crate::kernel::ids::ImportId;
use crate::spreadsheet::{Choice, RowAt};

/// Uploaded lists, newest first.
pub async fn earlier<K: ListKind>(clerk: &Clerk<K>, page: Page) -> Result<Json<Listing<Earlier>>> {
    let mut conn = clerk.core.db.read().await?;
    by_hand::listing(&mut conn, K::KIND, only_of::<K>(Some(&clerk.permit)), page).await.map(Json)
}

/// Reads a file and previews it.
pub async fn upload<K: ListPreview>(clerk: &Clerk<K>, upload: Upload) -> Result<Answer> {
    let Clerk { core, permit, lang } = clerk;
    let (once, sent) = file::sent::<K>(core, upload).await?;
    core.run_once(&once, permit.id.0, StatusCode::CREATED, async |tx| {
        service::upload(tx, core, permit, sent, *lang).await
    })
    .await
}

/// The list as it stands now.
pub async fn preview<K: ListPreview>(clerk: &Clerk<K>, id: ImportId) -> Result<Json<K::Preview>> {
    service::preview::<K>(&clerk.core, &clerk.permit, id, clerk.lang).await.map(Json)
}

/// The rows with errors, annotated, as a workbook.
pub async fn errors<K: ListMatching>(clerk: &Clerk<K>, id: ImportId) -> Result<Response> {
    let Clerk { core, permit, lang } = clerk;
    let list = Opened::<K>::find(&mut core.db.read().await?, core, Some(permit), id).await?;
    service::seen::<K>(core, permit, id).await?;
    staged::errors_download(list.reading, *lang).await
}

/// Reads the file again with columns chosen by hand; `choose` says what else is chosen anew.
pub async fn reread<K: ListPreview>(
    clerk: &Clerk<K>,
    id: ImportId,
    columns: Vec<Choice>,
    choose: impl FnOnce(&mut K::Options) + Send,
) -> Result<Json<K::Preview>> {
    let Clerk { core, permit, .. } = clerk;
    let file = file::reread::<K>(core, Some(permit), id, columns, choose).await?;
    core.run(async |tx| service::reread(tx, core, permit, id, file).await).await?;
    preview(clerk, id).await
}

/// Keeps cells typed anew; the rows as they are then.
pub async fn correct<K: ListPreview>(
    clerk: &Clerk<K>,
    id: ImportId,
    body: CorrectionBody,
) -> Result<Json<Vec<K::PreviewRow>>> {
    let Clerk { core, permit, lang } = clerk;
    let list = Opened::<K>::find(&mut core.db.read().await?, core, Some(permit), id).await?;
    let rows = body.by_place(&list.reading)?;
    let places: Vec<RowAt> = rows.keys().copied().collect();
    core.run(async |tx| service::correct(tx, core, &list, rows).await).await?;
    let list = Opened::<K>::find(&mut core.db.read().await?, core, Some(permit), id).await?;
    let shown = places.into_iter().filter_map(|at| list.reading.place(at));
    Ok(Json(shown.map(|place| K::preview_row(&list, place, *lang)).collect()))
}

/// Keeps decisions about rows: those that `about` tells of the list.
pub async fn decide<K: ListDecisions>(
    clerk: &Clerk<K>,
    id: ImportId,
    about: impl FnOnce(&Opened<K>) -> Result<BTreeMap<RowAt, K::Decision>> + Send,
) -> Result<Json<Decided>> {
    let Clerk { core, permit, .. } = clerk;
    let list = Opened::<K>::find(&mut core.db.read().await?, core, Some(permit), id).await?;
    let rows = about(&list)?;
    core.run(async |tx| service::decide(tx, &list, rows).await).await.map(Json)
}

/// Stores a list, all or nothing, once.
pub async fn commit<K: ListCommit>(
    clerk: &Clerk<K>,
    id: ImportId,
    create: CreateBody<K::CommitBody>,
) -> Result<Answer> {
    let (Clerk { core, permit, .. }, CreateBody { body, once }) = (clerk, create);
    K::allow(permit, &body)?;
    core.run_once(&once, permit.id.0, K::COMMITTED, async |tx| {
        service::commit::<K>(tx, core, Some(permit), id, body).await
    })
    .await
}

/// Undoes a committed list as a whole.
pub async fn undo<K: ListUndo>(clerk: &Clerk<K>, id: ImportId) -> Result<Json<K::Undone>> {
    let Clerk { core, permit, .. } = clerk;
    core.run(async |tx| service::undo::<K>(tx, core, permit, id).await).await.map(Json)
}
