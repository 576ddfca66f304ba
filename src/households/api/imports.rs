//! The JSON API of imported lists of households.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::DefaultBodyLimit;
use axum::response::Response;
use serde::Deserialize;

use crate::households::import::commit::{CommitBody, Counts};
use crate::households::import::decisions::Decision;
use crate::households::import::preview::{Preview, PreviewRow};
use crate::households::import::undo::Undone;
use crate::households::import::{Households, Opened};
use crate::http::schemas::RowDecision;
use crate::http::{
    Answer, Api, Body, CreateBody, Error, Id, IdempotencyKey, Listing, Page, Params, Problems, Result, Upload, routes,
};
use crate::imports::api::{Clerk, lists};
use crate::imports::staged::by_hand::{CorrectionBody, Decided};
use crate::imports::staged::{Earlier, by_hand};
use crate::kernel::Message;
use crate::kernel::ids::{AreaId, ImportId};
use crate::spreadsheet::{Choice, RowAt, RowStatus};

/// Lists of households.
pub fn router<A: Api>() -> A {
    A::new()
        .routes(routes!(upload_households))
        .limited(DefaultBodyLimit::disable())
        .routes(routes!(get_household_import))
        .routes(routes!(commit_household_import))
        .routes(routes!(household_import_errors))
        .routes(routes!(household_imports))
        .routes(routes!(reread_household_import))
        .routes(routes!(correct_household_import))
        .routes(routes!(decide_household_import))
        .routes(routes!(undo_household_import))
}

/// A list to upload.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the form; the upload is read by `Upload`")]
#[schema(as = HouseholdUpload)]
struct UploadForm {
    /// `.xlsx`, `.xls`, `.ods` or `.csv`, 25 MB at most.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// The area of rows that name none.
    area_id: Option<AreaId>,
}

/// Read and preview a list of households
///
/// Nothing is registered before the commit. The list is kept sealed for 7 days, or for as long as the ward chose.
#[utoipa::path(post, path = "/households/imports", tag = "households", params(IdempotencyKey),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "What would become of every row", body = Preview), Problems))]
async fn upload_households(clerk: Clerk<Households>, upload: Upload) -> Result<Answer> {
    lists::upload(&clerk, upload).await
}

/// Uploaded lists, newest first
///
/// A login confined to an area sees its own; `next` counts the lists before.
#[utoipa::path(get, path = "/households/imports", tag = "households", params(Page),
    responses((status = 200, description = "A page of lists", body = Listing<Earlier>), Problems))]
async fn household_imports(clerk: Clerk<Households>, Params(page): Params<Page>) -> Result<Json<Listing<Earlier>>> {
    lists::earlier(&clerk, page).await
}

/// The preview again, against the registry as it is now
#[utoipa::path(get, path = "/households/imports/{id}", tag = "households", params(("id" = ImportId, Path)),
    responses((status = 200, description = "What would become of every row", body = Preview), Problems))]
async fn get_household_import(clerk: Clerk<Households>, Id(id): Id<ImportId>) -> Result<Json<Preview>> {
    lists::preview(&clerk, id).await
}

/// The bad rows as a workbook, annotated, to correct and upload again
#[utoipa::path(get, path = "/households/imports/{id}/errors.xlsx", tag = "households", params(("id" = ImportId, Path)),
    responses((status = 200, description = "The workbook",
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>), Problems))]
async fn household_import_errors(clerk: Clerk<Households>, Id(id): Id<ImportId>) -> Result<Response> {
    lists::errors(&clerk, id).await
}

/// How a list is to be read again.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[schema(as = HouseholdImportReading, example = json!({"sheets": [{"sheet": 0, "header_row": 4, "columns": {"phone": 5, "note": null}}]}))]
struct ReadingBody {
    /// Columns chosen by hand; sheets and fields left out stay as they were found.
    #[serde(default)]
    sheets: Vec<Choice>,
    /// The area of rows that name none.
    area_id: Option<AreaId>,
}

/// Read a list again with columns chosen by hand
///
/// What was corrected and decided about its rows is forgotten.
#[utoipa::path(patch, path = "/households/imports/{id}", tag = "households", params(("id" = ImportId, Path)),
    request_body = ReadingBody,
    responses((status = 200, description = "What would become of every row now", body = Preview), Problems))]
async fn reread_household_import(
    clerk: Clerk<Households>,
    Id(id): Id<ImportId>,
    Body(body): Body<ReadingBody>,
) -> Result<Json<Preview>> {
    let area_id = body.area_id;
    lists::reread(&clerk, id, body.sheets, |options| options.area_id = area_id.or(options.area_id)).await
}

/// Correct cells of a list before it is committed
///
/// A row whose new text is wrong as well stays an error and says why.
#[utoipa::path(patch, path = "/households/imports/{id}/rows", tag = "households", params(("id" = ImportId, Path)),
    request_body = CorrectionBody,
    responses((status = 200, description = "The rows as they are now", body = Vec<PreviewRow>), Problems))]
async fn correct_household_import(
    clerk: Clerk<Households>,
    Id(id): Id<ImportId>,
    Body(body): Body<CorrectionBody>,
) -> Result<Json<Vec<PreviewRow>>> {
    lists::correct(&clerk, id, body).await
}

/// What becomes of rows.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[schema(as = HouseholdImportDecisions, example = json!({"decisions": {"96": "new", "107": null}}))]
struct DecisionsBody {
    /// By a row's key: `new`, `skip`, `merge` (into the household it is the same as) or a household's id; null takes a
    /// decision back.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, RowDecision>)]
    decisions: BTreeMap<String, Option<String>>,
    /// All rows of a status instead.
    every: Option<EveryBody>,
}

/// A decision about all rows of a status.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(as = HouseholdImportDecisionEvery)]
struct EveryBody {
    /// The status.
    status: RowStatus,
    /// `new`, `skip` or `merge`; null takes decisions back.
    #[schema(value_type = Option<RowDecision>)]
    decision: Option<String>,
}

impl DecisionsBody {
    /// The decisions, by the rows' places.
    fn by_place(self, list: &Opened) -> Result<BTreeMap<RowAt, Decision>> {
        if let Some(every) = self.every {
            let decision = decision("every.decision".to_owned(), every.decision)?;
            return Ok(by_hand::every_row(&list.reading, every.status, decision));
        }
        let places = by_hand::places(&list.reading, self.decisions.keys())?;
        let decided = places.into_iter().zip(self.decisions);
        decided.map(|(at, (key, text))| Ok((at, decision(format!("decisions.{key}"), text)?))).collect()
    }
}

fn decision(field: String, text: Option<String>) -> Result<Decision> {
    Decision::parse(text.as_deref().unwrap_or("")).ok_or_else(|| {
        let say = Message::fixed(
            "Quyết định là «new», «skip», «merge» hoặc mã của một hộ đang có.",
            "A decision is “new”, “skip”, “merge” or the id of a household that exists.",
        );
        Error::field(field, "unknown_value", say)
    })
}

/// How many rows a decision reached.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer, which `Decided` is")]
#[schema(as = HouseholdImportDecided)]
struct DecidedBody {
    /// Rows that are decided so now.
    decided: usize,
    /// Rows of which it can't be: an id number that is known already, errors, nothing to merge into.
    impossible: usize,
}

/// Decide about rows of a list before it is committed
#[utoipa::path(post, path = "/households/imports/{id}/decisions", tag = "households", params(("id" = ImportId, Path)),
    request_body = DecisionsBody,
    responses((status = 200, description = "How many rows it reached", body = DecidedBody), Problems))]
async fn decide_household_import(
    clerk: Clerk<Households>,
    Id(id): Id<ImportId>,
    Body(body): Body<DecisionsBody>,
) -> Result<Json<Decided>> {
    lists::decide(&clerk, id, |list| body.by_place(list)).await
}

/// Store a previewed list, all or nothing
#[utoipa::path(post, path = "/households/imports/{id}/commit", tag = "households", params(("id" = ImportId, Path), IdempotencyKey),
    request_body = CommitBody,
    responses((status = 200, description = "What was done", body = Counts), Problems))]
async fn commit_household_import(
    clerk: Clerk<Households>,
    Id(id): Id<ImportId>,
    create: CreateBody<CommitBody>,
) -> Result<Answer> {
    lists::commit(&clerk, id, create).await
}

/// Take a committed list back as a whole
///
/// Refused with `import_in_use` when one of its households has a voucher or was changed since.
#[utoipa::path(post, path = "/households/imports/{id}/undo", tag = "households", params(("id" = ImportId, Path)),
    responses((status = 200, description = "What was taken back", body = Undone), Problems))]
async fn undo_household_import(clerk: Clerk<Households>, Id(id): Id<ImportId>) -> Result<Json<Undone>> {
    lists::undo(&clerk, id).await
}
