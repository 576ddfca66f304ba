//! The JSON API of a ward's list of landlords: previewed, then committed as a whole.

use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::decisions::{CommitBody, choose};
use super::preview::{Preview, preview};
use super::stage::{Options, Staged};
use super::store::Arrival;
use super::{commit, steps_api};
use crate::db::Conn;
use crate::kernel::{Dong, Say};
use crate::landlords::api::area_of_new;
use crate::landlords::{AreaId, ReductionStatus};
use crate::lists::staged::steps::{self, Steps};
use crate::lists::staged::{self, ImportId, Kind, StagedList, Uploaded, by_hand};
use crate::people::audit::{self, Act};
use crate::people::{Right, Staff};
use crate::web::{Answer, Begun, Core, Create, Error, Id, Problems, Result, Upload, language_of};

/// Imports of rent reductions.
pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(upload_rent_reductions))
        .layer(DefaultBodyLimit::disable())
        .routes(routes!(get_rent_import))
        .routes(routes!(commit_rent_import))
        .routes(routes!(rent_import_errors))
        .merge(steps_api::router())
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
#[utoipa::path(post, path = "/rent-reductions/imports", tag = "rent",
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "Every row with what becomes of it", body = Preview), Problems))]
pub(super) async fn upload_rent_reductions(
    State(core): State<Core>,
    staff: Staff,
    headers: HeaderMap,
    upload: Upload,
) -> Result<Answer> {
    staff.require(Right::WriteRent)?;
    let area_id = match upload.fields.get("area_id").filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => Some(text.parse::<AreaId>().map_err(|_| {
            Error::field("area_id", "unknown", Say::fixed("Không có khu vực này.", "There is no such area."))
        })?),
    };
    let file = staged::read_file(&core, Kind::RentReductions, upload.bytes, |book| super::read(book, &[])).await?;
    let mut tx = match upload.once.begin(&core, staff.id.0).await? {
        Begun::Before(answer) => return Ok(answer),
        Begun::Now(tx) => tx,
    };
    let area_id = area_of_new(&mut tx, Some(&staff), area_id).await?;
    let options = Options { area_id, columns: Vec::new() };
    let uploaded = Uploaded { file_name: upload.file_name, options: &options, by: Some(staff.id.0) };
    let (list, reading) = staged::stage(&mut tx, &core, uploaded, file).await?;
    let staged = Staged::of(&mut tx, &core.vault, list, reading, Steps::default()).await?;
    let answer = preview(&staged, staged.list.same_file(&mut tx).await?, language_of(&headers));
    audit::append(&mut tx, &core.clock, staff.actor(), Act::on("stage", "rent_import", staged.list.id.0)).await?;
    upload.once.finish(&core, tx, staff.id.0, StatusCode::CREATED, &answer).await
}

/// An uploaded list that this login may see: its own, or any for staff of the whole ward.
pub(super) async fn list_of(conn: &mut Conn, staff: &Staff, id: ImportId) -> Result<StagedList> {
    staged::find(conn, Kind::RentReductions, id, staff.area_id.map(|_| staff.id.0)).await
}

/// A staged list again
#[utoipa::path(get, path = "/rent-reductions/imports/{id}", tag = "rent", params(("id" = ImportId, Path)),
    responses((status = 200, description = "Every row with what becomes of it", body = Preview), Problems))]
pub(super) async fn get_rent_import(
    State(core): State<Core>,
    staff: Staff,
    headers: HeaderMap,
    Id(id): Id<ImportId>,
) -> Result<Json<Preview>> {
    staff.require(Right::WriteRent)?;
    let mut conn = core.db.read().await?;
    let staged = opened(&mut conn, &core, &staff, id).await?;
    let same_file = staged.list.same_file(&mut conn).await?;
    drop(conn);
    audit::record(&core, staff.actor(), Act::on("read_personal", "rent_import", id.0)).await?;
    Ok(Json(preview(&staged, same_file, language_of(&headers))))
}

/// A list as it stands now, for a login that may see it.
pub(super) async fn opened(conn: &mut Conn, core: &Core, staff: &Staff, id: ImportId) -> Result<Staged> {
    let list = list_of(conn, staff, id).await?;
    Staged::open(conn, core, list).await
}

/// Only the rows with errors, annotated
#[utoipa::path(get, path = "/rent-reductions/imports/{id}/errors.xlsx", tag = "rent",
    params(("id" = ImportId, Path)),
    responses((status = 200, description = "An .xlsx to correct and send back",
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), Problems))]
pub(super) async fn rent_import_errors(
    State(core): State<Core>,
    staff: Staff,
    headers: HeaderMap,
    Id(id): Id<ImportId>,
) -> Result<Response> {
    staff.require(Right::WriteRent)?;
    let mut conn = core.db.read().await?;
    let staged = opened(&mut conn, &core, &staff, id).await?;
    drop(conn);
    audit::record(&core, staff.actor(), Act::on("read_personal", "rent_import", id.0)).await?;
    staged::errors_download(staged.reading, language_of(&headers)).await
}

/// What was stored.
#[derive(Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = RentImportCounts)]
pub(super) struct Committed {
    /// Reductions, one a row.
    pub(super) new: usize,
    /// Rows left out as duplicates.
    pub(super) duplicate: usize,
    /// Rows left out for their errors.
    pub(super) error: usize,
    /// Rows that are no data, and rows that the clerk left out.
    pub(super) skipped: usize,
    /// Landlords.
    pub(super) landlords: usize,
    /// Rooms.
    pub(super) rooms: usize,
    /// Room-months.
    pub(super) room_months: usize,
    /// Đồng forgone.
    #[schema(value_type = i64)]
    pub(super) amount: Dong,
}

/// Store a staged list, all or nothing
///
/// Rows with errors and duplicates are left out, unless a decision says otherwise about a duplicate.
#[utoipa::path(post, path = "/rent-reductions/imports/{id}/commit", tag = "rent",
    params(("id" = ImportId, Path)), request_body = CommitBody,
    responses((status = 200, description = "What was stored", body = Committed), Problems))]
pub(super) async fn commit_rent_import(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<ImportId>,
    create: Create<CommitBody>,
) -> Result<Answer> {
    staff.require(Right::WriteRent)?;
    let Create { body, once } = create;
    let status = body.status.unwrap_or(ReductionStatus::Verified);
    let counted = status != ReductionStatus::Pledged;
    if counted {
        staff.require(Right::VerifyRent)?;
    }
    if matches!(status, ReductionStatus::Rejected | ReductionStatus::Withdrawn) {
        let say = Say::fixed(
            "Trạng thái khi lưu là pledged, verified hoặc confirmed.",
            "The status is pledged, verified or confirmed.",
        );
        return Err(Error::field("status", "unknown_value", say));
    }
    let mut tx = match once.begin(&core, staff.id.0).await? {
        Begun::Before(answer) => return Ok(answer),
        Begun::Now(tx) => tx,
    };
    let list = list_of(&mut tx, &staff, id).await?;
    staged::take(&mut tx, &core, &list, Some(staff.id.0)).await?;
    let staged = Staged::open(&mut tx, &core, list).await?;
    let chosen = choose(&staged, &by_hand::all_decisions(&staged.reading, &staged.steps, body.decisions)?)?;
    let at = core.clock.now();
    let confirmed = status == ReductionStatus::Confirmed;
    let how = Arrival { import_id: id, status: status.name(), by: staff.id, at, counted, confirmed };
    let stored = commit::store(&core, &mut tx, &staged, &chosen.new, how).await?;
    let answer = Committed {
        new: stored.reductions,
        duplicate: chosen.duplicate,
        error: chosen.error,
        skipped: chosen.skipped,
        landlords: stored.landlords,
        rooms: stored.rooms,
        room_months: stored.room_months,
        amount: stored.amount,
    };
    // What is stored needs no second copy.
    staged::keep(&mut tx, id, None, staged::json(&staged.reading.totals())?).await?;
    staged::keep_counts(&mut tx, id, staged::json(&answer)?).await?;
    steps::forget(&mut tx, id).await?;
    let act = Act::on("commit", "rent_import", id.0).with(serde_json::json!({ "reductions": answer.new }));
    audit::append(&mut tx, &core.clock, staff.actor(), act).await?;
    once.finish(&core, tx, staff.id.0, StatusCode::OK, &answer).await
}
