//! The JSON API of imported lists of donors: preview, then commit, all or nothing.

use axum::Json;
use axum::extract::DefaultBodyLimit;
use axum::response::Response;

use crate::donations::import::Donations;
use crate::donations::import::commit::{CommitBody, Counts};
use crate::donations::import::preview::{Preview, PreviewRow};
use crate::donations::import::undo::Undone;
use crate::http::{
    Answer, Api, Body, CreateBody, Id, IdempotencyKey, Listing, Page, Params, Problems, Result, Upload, routes,
};
use crate::imports::api::{Clerk, lists};
use crate::imports::staged::Earlier;
use crate::imports::staged::by_hand::{CorrectionBody, Decided, DecisionsBody, ReadingBody};
use crate::kernel::ids::{CampaignId, ImportId, PointId};

/// Imports of donations.
pub fn router<A: Api>() -> A {
    A::new()
        .routes(routes!(upload_donations))
        .limited(DefaultBodyLimit::disable())
        .routes(routes!(get_donation_import))
        .routes(routes!(commit_donation_import))
        .routes(routes!(donation_import_errors))
        .routes(routes!(donation_imports))
        .routes(routes!(reread_donation_import))
        .routes(routes!(correct_donation_import))
        .routes(routes!(decide_donation_import))
        .routes(routes!(undo_donation_import))
}

/// A list to import.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "only describes the multipart body")]
#[schema(as = DonationUpload)]
struct UploadForm {
    /// .xlsx, .xls, .ods or .csv, at most 25 MB.
    #[schema(value_type = String, format = Binary)]
    file: String,
    /// `đồng` or `nghìn đồng`; đồng when left out.
    #[schema(pattern = "^(đồng|nghìn đồng)$")]
    unit: Option<String>,
    /// For which campaign.
    campaign_id: Option<CampaignId>,
    /// Where its goods enter stock.
    point_id: Option<PointId>,
    /// The same three as one JSON object.
    options: Option<String>,
}

/// Upload a list of donors and preview it; nothing is stored as a donation yet
#[utoipa::path(post, path = "/donations/imports", tag = "goods", params(IdempotencyKey),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "Every row with what would become of it", body = Preview), Problems))]
async fn upload_donations(clerk: Clerk<Donations>, upload: Upload) -> Result<Answer> {
    lists::upload(&clerk, upload).await
}

/// Uploaded lists of donors, newest first
///
/// `next` counts the lists before.
#[utoipa::path(get, path = "/donations/imports", tag = "goods", params(Page),
    responses((status = 200, description = "A page of lists", body = Listing<Earlier>), Problems))]
async fn donation_imports(clerk: Clerk<Donations>, Params(page): Params<Page>) -> Result<Json<Listing<Earlier>>> {
    lists::earlier(&clerk, page).await
}

/// A list that was uploaded, with what would become of every row
#[utoipa::path(get, path = "/donations/imports/{id}", tag = "goods", params(("id" = ImportId, Path)),
    responses((status = 200, description = "The preview", body = Preview), Problems))]
async fn get_donation_import(clerk: Clerk<Donations>, Id(id): Id<ImportId>) -> Result<Json<Preview>> {
    lists::preview(&clerk, id).await
}

/// Only the rows with errors, annotated
#[utoipa::path(get, path = "/donations/imports/{id}/errors.xlsx", tag = "goods", params(("id" = ImportId, Path)),
    responses((status = 200, description = "An .xlsx to correct and send back",
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), Problems))]
async fn donation_import_errors(clerk: Clerk<Donations>, Id(id): Id<ImportId>) -> Result<Response> {
    lists::errors(&clerk, id).await
}

/// Read a list of donors again with columns chosen by hand
///
/// What was corrected and decided about its rows is forgotten.
#[utoipa::path(patch, path = "/donations/imports/{id}", tag = "goods", params(("id" = ImportId, Path)),
    request_body = ReadingBody,
    responses((status = 200, description = "Every row with what would become of it now", body = Preview), Problems))]
async fn reread_donation_import(
    clerk: Clerk<Donations>,
    Id(id): Id<ImportId>,
    Body(body): Body<ReadingBody>,
) -> Result<Json<Preview>> {
    lists::reread(&clerk, id, body.sheets, |_| ()).await
}

/// Correct cells of a list of donors before it is committed
///
/// Rows with errors only. A row whose new text is wrong as well stays an error and says why.
#[utoipa::path(patch, path = "/donations/imports/{id}/rows", tag = "goods", params(("id" = ImportId, Path)),
    request_body = CorrectionBody,
    responses((status = 200, description = "The rows as they are now", body = Vec<PreviewRow>), Problems))]
async fn correct_donation_import(
    clerk: Clerk<Donations>,
    Id(id): Id<ImportId>,
    Body(body): Body<CorrectionBody>,
) -> Result<Json<Vec<PreviewRow>>> {
    lists::correct(&clerk, id, body).await
}

/// Decide about rows of a list of donors before it is committed
#[utoipa::path(post, path = "/donations/imports/{id}/decisions", tag = "goods", params(("id" = ImportId, Path)),
    request_body = DecisionsBody,
    responses((status = 200, description = "How many rows it reached", body = Decided), Problems))]
async fn decide_donation_import(
    clerk: Clerk<Donations>,
    Id(id): Id<ImportId>,
    Body(body): Body<DecisionsBody>,
) -> Result<Json<Decided>> {
    lists::decide(&clerk, id, |list| body.by_place(&list.reading)).await
}

/// Make donations of a list; all or nothing, once
#[utoipa::path(post, path = "/donations/imports/{id}/commit", tag = "goods", params(("id" = ImportId, Path), IdempotencyKey),
    request_body = CommitBody, responses((status = 201, description = "What was stored", body = Counts), Problems))]
async fn commit_donation_import(
    clerk: Clerk<Donations>,
    Id(id): Id<ImportId>,
    create: CreateBody<CommitBody>,
) -> Result<Answer> {
    lists::commit(&clerk, id, create).await
}

/// Take a stored list of donors back as a whole
///
/// Refused with `import_in_use` when goods that it brought were moved, handed out or adjusted since.
#[utoipa::path(post, path = "/donations/imports/{id}/undo", tag = "goods", params(("id" = ImportId, Path)),
    responses((status = 200, description = "What was taken back", body = Undone), Problems))]
async fn undo_donation_import(clerk: Clerk<Donations>, Id(id): Id<ImportId>) -> Result<Json<Undone>> {
    lists::undo(&clerk, id).await
}
