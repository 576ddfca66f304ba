//! The JSON API of imported lists.

use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::commit::{self, CommitBody, Counts};
use super::opened::Opened;
use super::preview::{self, Options, Preview, of_importer};
use super::{Importer, steps_api};
use crate::households::Scope;
use crate::kernel::Say;
use crate::lists::staged::{self, ImportId, Progress};
use crate::people::audit::{self, Act};
use crate::people::{AreaId, Right, Staff};
use crate::web::{Answer, Begun, Core, Create, Error, Id, Problems, Result, Upload, language_of};

/// Lists of households.
pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(upload_households))
        .layer(DefaultBodyLimit::disable())
        .routes(routes!(get_household_import))
        .routes(routes!(commit_household_import))
        .routes(routes!(household_import_errors))
        .merge(steps_api::router())
}

/// Who imports.
pub(in crate::households) async fn importer(conn: &mut crate::db::Conn, staff: &Staff) -> Result<Importer> {
    Ok(Importer { actor: staff.actor(), scope: Scope::of(conn, staff).await?, own_area: staff.area_id })
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
/// Nothing is registered before the commit. The list is kept sealed for 7 days.
#[utoipa::path(post, path = "/households/imports", tag = "households",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "What would become of every row", body = Preview), Problems))]
pub(in crate::households) async fn upload_households(
    State(core): State<Core>,
    staff: Staff,
    headers: HeaderMap,
    upload: Upload,
) -> Result<Answer> {
    staff.require(Right::WriteHouseholds)?;
    let area_id = match upload.fields.get("area_id").filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => Some(text.parse::<AreaId>().map_err(|_| {
            Error::field("area_id", "unknown", Say::fixed("Không có khu vực này.", "There is no such area."))
        })?),
    };
    // A page asks meanwhile how far it is.
    let progress = Progress::followed(&core, upload.fields.get("progress").map_or("", String::as_str));
    let list = preview::read_file_with(&core, upload.bytes, Vec::new(), progress).await?;
    let list = preview::compare(&core, list).await?;
    let mut tx = match upload.once.begin(&core, staff.id.0).await? {
        Begun::Before(answer) => return Ok(answer),
        Begun::Now(tx) => tx,
    };
    let importer = importer(&mut tx, &staff).await?;
    let (options, lang) = (Options { area_id, ..Options::default() }, language_of(&headers));
    let preview = preview::stage(&mut tx, &core, &importer, upload.file_name, options, list, lang).await?;
    upload.once.finish(&core, tx, staff.id.0, StatusCode::CREATED, &preview).await
}

/// The preview again, against the registry as it is now
#[utoipa::path(get, path = "/households/imports/{id}", tag = "households", params(("id" = ImportId, Path)),
    responses((status = 200, description = "What would become of every row", body = Preview), Problems))]
async fn get_household_import(
    State(core): State<Core>,
    staff: Staff,
    headers: HeaderMap,
    Id(id): Id<ImportId>,
) -> Result<Json<Preview>> {
    staff.require(Right::WriteHouseholds)?;
    let mut conn = core.db.read().await?;
    let importer = importer(&mut conn, &staff).await?;
    let preview = preview::preview(&mut conn, &core, &importer, id, language_of(&headers)).await?;
    drop(conn);
    audit::record(&core, staff.actor(), Act::on("read_personal", "household_import", id.0)).await?;
    Ok(Json(preview))
}

/// Store a previewed list, all or nothing
#[utoipa::path(post, path = "/households/imports/{id}/commit", tag = "households", params(("id" = ImportId, Path)),
    request_body = CommitBody,
    responses((status = 200, description = "What was done", body = Counts), Problems))]
pub(in crate::households) async fn commit_household_import(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<ImportId>,
    create: Create<CommitBody>,
) -> Result<Answer> {
    staff.require(Right::WriteHouseholds)?;
    let Create { body, once } = create;
    let mut tx = match once.begin(&core, staff.id.0).await? {
        Begun::Before(answer) => return Ok(answer),
        Begun::Now(tx) => tx,
    };
    let importer = importer(&mut tx, &staff).await?;
    let progress = Progress::followed(&core, &body.progress);
    let counts = commit::commit_followed(&mut tx, &core, &importer, id, body, &progress).await?;
    once.finish(&core, tx, staff.id.0, StatusCode::OK, &counts).await
}

/// The bad rows as a workbook, annotated, to correct and upload again
#[utoipa::path(get, path = "/households/imports/{id}/errors.xlsx", tag = "households", params(("id" = ImportId, Path)),
    responses((status = 200, description = "The workbook",
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>), Problems))]
pub(in crate::households) async fn household_import_errors(
    State(core): State<Core>,
    staff: Staff,
    headers: HeaderMap,
    Id(id): Id<ImportId>,
) -> Result<Response> {
    staff.require(Right::WriteHouseholds)?;
    let mut conn = core.db.read().await?;
    let importer = importer(&mut conn, &staff).await?;
    let list = of_importer(&mut conn, &importer, id).await?;
    let opened = Opened::of(&mut conn, &core, &importer, list).await?;
    drop(conn);
    audit::record(&core, staff.actor(), Act::on("read_personal", "household_import", id.0)).await?;
    staged::errors_download(opened.reading, language_of(&headers)).await
}
