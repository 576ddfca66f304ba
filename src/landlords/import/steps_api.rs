//! The JSON API of the steps between a list's upload and its commit, and of taking it back.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::by_hand::{self as steps, Undone, open};
use super::preview::{Preview, PreviewRow, preview, preview_row};
use crate::lists::RowAt;
use crate::lists::staged::by_hand::{self, CorrectionBody, Decided, DecisionsBody, ReadingBody};
use crate::lists::staged::{Earlier, ImportId, Kind};
use crate::people::{Right, Staff};
use crate::web::{Body, Core, Id, Listing, Page, Params, Problems, Result, language_of};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(rent_imports))
        .routes(routes!(reread_rent_import))
        .routes(routes!(correct_rent_import))
        .routes(routes!(decide_rent_import))
        .routes(routes!(undo_rent_import))
}

/// Uploaded lists of landlords, newest first
///
/// A login confined to an area sees its own; `next` counts the lists before.
#[utoipa::path(get, path = "/rent-reductions/imports", tag = "rent", params(Page),
    responses((status = 200, description = "A page of lists", body = Listing<Earlier>), Problems))]
async fn rent_imports(
    State(core): State<Core>,
    staff: Staff,
    Params(page): Params<Page>,
) -> Result<Json<Listing<Earlier>>> {
    staff.require(Right::WriteRent)?;
    let only_of = staff.area_id.map(|_| staff.id.0);
    let mut conn = core.db.read().await?;
    Ok(Json(by_hand::listing(&mut conn, Kind::RentReductions, only_of, page).await?))
}

/// Read a list of landlords again with columns chosen by hand
///
/// What was corrected and decided about its rows is forgotten.
#[utoipa::path(patch, path = "/rent-reductions/imports/{id}", tag = "rent", params(("id" = ImportId, Path)),
    request_body = ReadingBody,
    responses((status = 200, description = "Every row with what becomes of it now", body = Preview), Problems))]
async fn reread_rent_import(
    State(core): State<Core>,
    staff: Staff,
    headers: HeaderMap,
    Id(id): Id<ImportId>,
    Body(body): Body<ReadingBody>,
) -> Result<Json<Preview>> {
    staff.require(Right::WriteRent)?;
    steps::reread(&core, &staff, id, body.sheets).await?;
    Ok(Json(preview(&open(&core, &staff, id).await?, None, language_of(&headers))))
}

/// Correct cells of a list of landlords before it is committed
///
/// Rows with errors only. A row whose new text is wrong as well stays an error and says why.
#[utoipa::path(patch, path = "/rent-reductions/imports/{id}/rows", tag = "rent", params(("id" = ImportId, Path)),
    request_body = CorrectionBody,
    responses((status = 200, description = "The rows as they are now", body = Vec<PreviewRow>), Problems))]
async fn correct_rent_import(
    State(core): State<Core>,
    staff: Staff,
    headers: HeaderMap,
    Id(id): Id<ImportId>,
    Body(body): Body<CorrectionBody>,
) -> Result<Json<Vec<PreviewRow>>> {
    staff.require(Right::WriteRent)?;
    let list = open(&core, &staff, id).await?;
    let rows = body.by_place(&list.reading)?;
    let places: Vec<RowAt> = rows.keys().copied().collect();
    steps::correct(&core, &list, rows).await?;
    let (list, lang) = (open(&core, &staff, id).await?, language_of(&headers));
    let shown = places.into_iter().filter_map(|at| list.reading.place(at));
    Ok(Json(shown.map(|place| preview_row(&list, place, lang)).collect()))
}

/// Decide about rows of a list of landlords before it is committed
#[utoipa::path(post, path = "/rent-reductions/imports/{id}/decisions", tag = "rent", params(("id" = ImportId, Path)),
    request_body = DecisionsBody,
    responses((status = 200, description = "How many rows it reached", body = Decided), Problems))]
async fn decide_rent_import(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<ImportId>,
    Body(body): Body<DecisionsBody>,
) -> Result<Json<Decided>> {
    staff.require(Right::WriteRent)?;
    let list = open(&core, &staff, id).await?;
    let rows = body.by_place(&list.reading)?;
    Ok(Json(steps::decide(&core, &list, rows).await?))
}

/// Take a stored list of landlords back as a whole
///
/// Refused with `import_in_use` when one of its reductions was verified, corrected, rejected or confirmed since.
#[utoipa::path(post, path = "/rent-reductions/imports/{id}/undo", tag = "rent", params(("id" = ImportId, Path)),
    responses((status = 200, description = "What was taken back", body = Undone), Problems))]
pub(super) async fn undo_rent_import(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<ImportId>,
) -> Result<Json<Undone>> {
    staff.require(Right::WriteRent)?;
    let mut tx = core.db.begin().await?;
    let undone = steps::take_back(&mut tx, &core, &staff, id).await?;
    tx.commit().await?;
    core.changed();
    Ok(Json(undone))
}
