//! The JSON API of a ward's list of landlords: previewed, then committed as a whole.

use axum::Json;
use axum::extract::DefaultBodyLimit;
use axum::response::Response;

use crate::http::{
    Answer, Api, Body, CreateBody, Id, IdempotencyKey, Listing, Page, Params, Problems, Result, Upload, routes,
};
use crate::imports::api::{Clerk, lists};
use crate::imports::staged::Earlier;
use crate::imports::staged::by_hand::{CorrectionBody, Decided, DecisionsBody, ReadingBody};
use crate::kernel::ids::{AreaId, ImportId};
use crate::landlords::import::RentReductions;
use crate::landlords::import::commit::{CommitBody, Counts};
use crate::landlords::import::preview::{Preview, PreviewRow};
use crate::landlords::import::undo::Undone;

/// Imports of rent reductions.
pub fn router<A: Api>() -> A {
    A::new()
        .routes(routes!(upload_rent_reductions))
        .limited(DefaultBodyLimit::disable())
        .routes(routes!(get_rent_import))
        .routes(routes!(commit_rent_import))
        .routes(routes!(rent_import_errors))
        .routes(routes!(rent_imports))
        .routes(routes!(reread_rent_import))
        .routes(routes!(correct_rent_import))
        .routes(routes!(decide_rent_import))
        .routes(routes!(undo_rent_import))
}

/// The upload's form.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the form in the document")]
struct ImportForm {
    /// The list: .xlsx, .xls, .ods or .csv.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// The area of rows that name none.
    area_id: Option<AreaId>,
}

/// Preview a ward's list of landlords
///
/// Nothing is stored as a reduction yet. A row's stated total must equal rooms × months × reduction.
#[utoipa::path(post, path = "/rent-reductions/imports", tag = "rent", params(IdempotencyKey),
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "Every row with what becomes of it", body = Preview), Problems))]
async fn upload_rent_reductions(clerk: Clerk<RentReductions>, upload: Upload) -> Result<Answer> {
    lists::upload(&clerk, upload).await
}

/// Uploaded lists of landlords, newest first
///
/// A login confined to an area sees its own; `next` counts the lists before.
#[utoipa::path(get, path = "/rent-reductions/imports", tag = "rent", params(Page),
    responses((status = 200, description = "A page of lists", body = Listing<Earlier>), Problems))]
async fn rent_imports(clerk: Clerk<RentReductions>, Params(page): Params<Page>) -> Result<Json<Listing<Earlier>>> {
    lists::earlier(&clerk, page).await
}

/// A staged list again
#[utoipa::path(get, path = "/rent-reductions/imports/{id}", tag = "rent", params(("id" = ImportId, Path)),
    responses((status = 200, description = "Every row with what becomes of it", body = Preview), Problems))]
async fn get_rent_import(clerk: Clerk<RentReductions>, Id(id): Id<ImportId>) -> Result<Json<Preview>> {
    lists::preview(&clerk, id).await
}

/// Only the rows with errors, annotated
#[utoipa::path(get, path = "/rent-reductions/imports/{id}/errors.xlsx", tag = "rent",
    params(("id" = ImportId, Path)),
    responses((status = 200, description = "An .xlsx to correct and send back",
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), Problems))]
async fn rent_import_errors(clerk: Clerk<RentReductions>, Id(id): Id<ImportId>) -> Result<Response> {
    lists::errors(&clerk, id).await
}

/// Read a list of landlords again with columns chosen by hand
///
/// What was corrected and decided about its rows is forgotten.
#[utoipa::path(patch, path = "/rent-reductions/imports/{id}", tag = "rent", params(("id" = ImportId, Path)),
    request_body = ReadingBody,
    responses((status = 200, description = "Every row with what becomes of it now", body = Preview), Problems))]
async fn reread_rent_import(
    clerk: Clerk<RentReductions>,
    Id(id): Id<ImportId>,
    Body(body): Body<ReadingBody>,
) -> Result<Json<Preview>> {
    lists::reread(&clerk, id, body.sheets, |_| ()).await
}

/// Correct cells of a list of landlords before it is committed
///
/// Rows with errors only. A row whose new text is wrong as well stays an error and says why.
#[utoipa::path(patch, path = "/rent-reductions/imports/{id}/rows", tag = "rent", params(("id" = ImportId, Path)),
    request_body = CorrectionBody,
    responses((status = 200, description = "The rows as they are now", body = Vec<PreviewRow>), Problems))]
async fn correct_rent_import(
    clerk: Clerk<RentReductions>,
    Id(id): Id<ImportId>,
    Body(body): Body<CorrectionBody>,
) -> Result<Json<Vec<PreviewRow>>> {
    lists::correct(&clerk, id, body).await
}

/// Decide about rows of a list of landlords before it is committed
#[utoipa::path(post, path = "/rent-reductions/imports/{id}/decisions", tag = "rent", params(("id" = ImportId, Path)),
    request_body = DecisionsBody,
    responses((status = 200, description = "How many rows it reached", body = Decided), Problems))]
async fn decide_rent_import(
    clerk: Clerk<RentReductions>,
    Id(id): Id<ImportId>,
    Body(body): Body<DecisionsBody>,
) -> Result<Json<Decided>> {
    lists::decide(&clerk, id, |list| body.by_place(&list.reading)).await
}

/// Store a staged list, all or nothing
///
/// Rows with errors and duplicates are left out, unless a decision says otherwise about a duplicate.
#[utoipa::path(post, path = "/rent-reductions/imports/{id}/commit", tag = "rent",
    params(("id" = ImportId, Path), IdempotencyKey), request_body = CommitBody,
    responses((status = 200, description = "What was stored", body = Counts), Problems))]
async fn commit_rent_import(
    clerk: Clerk<RentReductions>,
    Id(id): Id<ImportId>,
    create: CreateBody<CommitBody>,
) -> Result<Answer> {
    lists::commit(&clerk, id, create).await
}

/// Take a stored list of landlords back as a whole
///
/// Refused with `import_in_use` when one of its reductions was verified, corrected, rejected or confirmed since.
#[utoipa::path(post, path = "/rent-reductions/imports/{id}/undo", tag = "rent", params(("id" = ImportId, Path)),
    responses((status = 200, description = "What was taken back", body = Undone), Problems))]
async fn undo_rent_import(clerk: Clerk<RentReductions>, Id(id): Id<ImportId>) -> Result<Json<Undone>> {
    lists::undo(&clerk, id).await
}
