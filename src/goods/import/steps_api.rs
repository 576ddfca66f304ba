//! The JSON API of the steps between a list's upload and its commit, and of taking it back.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::opened::{Opened, reread};
use super::preview::{DonationPreviewRow, Preview, compose, preview_row};
use super::undo::{Undone, take_back};
use crate::lists::RowAt;
use crate::lists::staged::by_hand::{self, CorrectionBody, Decided, DecisionsBody, ReadingBody};
use crate::lists::staged::{Earlier, ImportId, Kind};
use crate::people::{Right, Staff};
use crate::web::{Body, Core, Id, Listing, Page, Params, Problems, Result, language_of};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(donation_imports))
        .routes(routes!(reread_donation_import))
        .routes(routes!(correct_donation_import))
        .routes(routes!(decide_donation_import))
        .routes(routes!(undo_donation_import))
}

/// Uploaded lists of donors, newest first
///
/// `next` counts the lists before.
#[utoipa::path(get, path = "/donations/imports", tag = "goods", params(Page),
    responses((status = 200, description = "A page of lists", body = Listing<Earlier>), Problems))]
async fn donation_imports(
    State(core): State<Core>,
    staff: Staff,
    Params(page): Params<Page>,
) -> Result<Json<Listing<Earlier>>> {
    staff.require(Right::WriteGoods)?;
    let mut conn = core.db.read().await?;
    Ok(Json(by_hand::listing(&mut conn, Kind::Donations, None, page).await?))
}

/// Read a list of donors again with columns chosen by hand
///
/// What was corrected and decided about its rows is forgotten.
#[utoipa::path(patch, path = "/donations/imports/{id}", tag = "goods", params(("id" = ImportId, Path)),
    request_body = ReadingBody,
    responses((status = 200, description = "Every row with what would become of it now", body = Preview), Problems))]
async fn reread_donation_import(
    State(core): State<Core>,
    staff: Staff,
    headers: HeaderMap,
    Id(id): Id<ImportId>,
    Body(body): Body<ReadingBody>,
) -> Result<Json<Preview>> {
    staff.require(Right::WriteGoods)?;
    reread(&core, &staff, id, body.sheets).await?;
    let opened = Opened::find(&core, id).await?;
    let mut conn = core.db.read().await?;
    Ok(Json(compose(&mut conn, &opened, language_of(&headers)).await?))
}

/// Correct cells of a list of donors before it is committed
///
/// Rows with errors only. A row whose new text is wrong as well stays an error and says why.
#[utoipa::path(patch, path = "/donations/imports/{id}/rows", tag = "goods", params(("id" = ImportId, Path)),
    request_body = CorrectionBody,
    responses((status = 200, description = "The rows as they are now", body = Vec<DonationPreviewRow>), Problems))]
async fn correct_donation_import(
    State(core): State<Core>,
    staff: Staff,
    headers: HeaderMap,
    Id(id): Id<ImportId>,
    Body(body): Body<CorrectionBody>,
) -> Result<Json<Vec<DonationPreviewRow>>> {
    staff.require(Right::WriteGoods)?;
    let opened = Opened::find(&core, id).await?;
    let rows = body.by_place(&opened.reading)?;
    let places: Vec<RowAt> = rows.keys().copied().collect();
    opened.correct(&core, rows).await?;
    let (opened, lang) = (Opened::find(&core, id).await?, language_of(&headers));
    let shown = places.into_iter().filter_map(|at| opened.reading.place(at));
    Ok(Json(shown.map(|place| preview_row(&opened, place, lang)).collect()))
}

/// Decide about rows of a list of donors before it is committed
#[utoipa::path(post, path = "/donations/imports/{id}/decisions", tag = "goods", params(("id" = ImportId, Path)),
    request_body = DecisionsBody,
    responses((status = 200, description = "How many rows it reached", body = Decided), Problems))]
async fn decide_donation_import(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<ImportId>,
    Body(body): Body<DecisionsBody>,
) -> Result<Json<Decided>> {
    staff.require(Right::WriteGoods)?;
    let opened = Opened::find(&core, id).await?;
    let rows = body.by_place(&opened.reading)?;
    Ok(Json(opened.decide(&core, rows).await?))
}

/// Take a stored list of donors back as a whole
///
/// Refused with `import_in_use` when goods that it brought were moved, handed out or adjusted since.
#[utoipa::path(post, path = "/donations/imports/{id}/undo", tag = "goods", params(("id" = ImportId, Path)),
    responses((status = 200, description = "What was taken back", body = Undone), Problems))]
pub(super) async fn undo_donation_import(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<ImportId>,
) -> Result<Json<Undone>> {
    staff.require(Right::WriteGoods)?;
    let mut tx = core.db.begin().await?;
    let undone = take_back(&mut tx, &core, &staff, id).await?;
    tx.commit().await?;
    core.changed();
    Ok(Json(undone))
}
