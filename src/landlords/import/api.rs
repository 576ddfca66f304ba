//! The JSON API of a ward's list of landlords: previewed, then committed as a whole.

use std::collections::{BTreeMap, HashSet};

use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::stage::{Staged, Whole, known};
use super::store::{self, Arrival};
use super::{ReductionRow, RentImportId, commit};
use crate::db::Conn;
use crate::kernel::say::{Lang, Wrong};
use crate::kernel::{Dong, Fields, Moment, Say};
use crate::landlords::api::area_of_new;
use crate::landlords::{AreaId, ReductionId, ReductionStatus};
use crate::lists::annotate::error_workbook;
use crate::lists::outcome::file_issue;
use crate::lists::workbook::Limits;
use crate::lists::{Issue, Reading, RowAt, RowStatus, Totals, Workbook, staged as kept};
use crate::people::audit::{self, Act};
use crate::people::{Right, Staff};
use crate::vault::sha256;
use crate::web::{Begun, Core, Create, Error, Id, Problems, Result, UPLOAD_LIMIT, Upload, language_of};

/// Imports of rent reductions.
pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(stage_import))
        .layer(DefaultBodyLimit::disable())
        .routes(routes!(get_import))
        .routes(routes!(commit_import))
        .routes(routes!(import_errors))
}

/// The upload's form.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the form in the document")]
struct ImportForm {
    /// The list: .xlsx, .xls, .ods or .csv, 25 MB at most.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// The area of rows that name none.
    area_id: Option<AreaId>,
}

/// One cell's trouble.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct RowError {
    /// What the file calls the column.
    column: String,
    /// Stable, machine-readable.
    code: String,
    /// What the cell shows.
    value: String,
    /// What is wrong and the way out.
    message: String,
}

/// What a row repeats: a number is an earlier row of the file, an id a stored reduction.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
enum Original {
    /// An earlier row of the file.
    Row(u32),
    /// A stored reduction.
    Record(ReductionId),
}

/// One row of the file.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PreviewRow {
    /// The sheet, from 0.
    sheet: usize,
    /// The row's number in the file, from 1.
    row: u32,
    /// Names the row in decisions: its number, or `sheet:row` in a file of several sheets.
    key: String,
    /// What becomes of it.
    status: RowStatus,
    /// The landlord's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Rooms.
    #[serde(skip_serializing_if = "Option::is_none")]
    rooms: Option<u16>,
    /// Đồng forgone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    amount: Option<Dong>,
    /// What is wrong.
    errors: Vec<RowError>,
    /// What is odd but no hindrance.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<RowError>,
    /// What it repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    duplicate_of: Option<Original>,
}

/// A staged list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Preview {
    /// The import's id.
    id: RentImportId,
    /// Every row of the file that holds something.
    rows: Vec<PreviewRow>,
    /// Rows by status.
    totals: Totals,
    /// Rooms of the rows that are new.
    #[schema(example = 916)]
    rooms: i64,
    /// Đồng forgone of the rows that are new.
    #[schema(value_type = i64, example = 1_286_010_000)]
    amount: Dong,
    /// What is odd about the file as a whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<RowError>,
    /// When the very same file was committed before.
    #[serde(skip_serializing_if = "Option::is_none")]
    committed_before: Option<Moment>,
}

fn issue(issue: &Issue, lang: Lang) -> RowError {
    RowError {
        column: issue.column.clone(),
        code: issue.code.to_string(),
        value: issue.value.clone(),
        message: issue.message(lang).to_owned(),
    }
}

fn preview(id: RentImportId, staged: &Staged, lang: Lang, committed_before: Option<Moment>) -> Preview {
    let (mut rooms, mut amount) = (0, Dong(0));
    let several = several_sheets(&staged.reading);
    let rows = staged.reading.rows.iter().enumerate().map(|(at, row)| {
        let known = staged.known.get(&at);
        let whole = row.parsed.as_ref().and_then(Whole::of);
        let status = if known.is_some() { RowStatus::Duplicate } else { row.status };
        let total = row.parsed.as_ref().and_then(|row| row.total);
        if let (RowStatus::New, Some(whole)) = (status, whole) {
            rooms += i64::from(whole.rooms);
            amount = Dong(amount.0.saturating_add(total.unwrap_or_default().0));
        }
        PreviewRow {
            sheet: row.at.sheet,
            row: row.at.row,
            key: key_of(row.at, several),
            status,
            name: row.parsed.as_ref().map(|row| row.landlord_name.clone()),
            rooms: row.parsed.as_ref().and_then(|row| row.rooms),
            amount: total,
            errors: row.errors.iter().map(|error| issue(error, lang)).collect(),
            warnings: row.warnings.iter().map(|warning| issue(warning, lang)).collect(),
            duplicate_of: known
                .map(|id| Original::Record(*id))
                .or_else(|| row.duplicate_of_row.map(|original| Original::Row(original.row))),
        }
    });
    let rows: Vec<PreviewRow> = rows.collect();
    let mut totals = staged.reading.totals();
    totals.new -= staged.known.len();
    totals.duplicate += staged.known.len();
    let same_file = committed_before.map(same_file);
    let warnings = staged.reading.warnings.iter().chain(&same_file).map(|warning| issue(warning, lang)).collect();
    Preview { id, rows, totals, rooms, amount, warnings, committed_before }
}

/// Whether rows are named by sheet too.
fn several_sheets(reading: &Reading<ReductionRow>) -> bool {
    reading.sheets.iter().filter(|sheet| sheet.read).count() > 1
}

/// A row's name in decisions.
fn key_of(at: RowAt, several: bool) -> String {
    if several { format!("{}:{}", at.sheet + 1, at.row) } else { at.row.to_string() }
}

fn same_file(at: Moment) -> Issue {
    let when = at.for_people();
    file_issue(
        "same_file",
        Say::new(
            format!("Tệp này đã được ghi lúc {when}. Các dòng đã có sẽ không được ghi lại."),
            format!("This very file was committed at {when}. Rows that are stored are not stored again."),
        ),
    )
}

/// Preview a ward's list of landlords
///
/// Nothing is stored as a reduction yet. A row's stated total must equal rooms × months × reduction.
#[utoipa::path(post, path = "/rent-reductions/imports", tag = "rent",
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "Every row with what becomes of it", body = Preview), Problems))]
async fn stage_import(State(core): State<Core>, staff: Staff, headers: HeaderMap, upload: Upload) -> Result<Response> {
    staff.require(Right::WriteRent)?;
    let lang = language_of(&headers);
    let Upload { file_name, bytes, fields, once } = upload;
    let area_id = match fields.get("area_id").filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => Some(text.parse::<AreaId>().map_err(|_| {
            Error::field("area_id", "unknown", Say::fixed("Không có khu vực này.", "There is no such area."))
        })?),
    };
    let reading = tokio::task::spawn_blocking(move || {
        let limits = Limits { max_bytes: UPLOAD_LIMIT as u64, ..Limits::default() };
        let workbook = Workbook::open(&bytes, &limits)?;
        super::read(&workbook, &[]).map(|reading| (reading, sha256(&bytes)))
    });
    let reading = reading.await.map_err(|error| Error::Internal(Box::new(error)))?;
    let (reading, file_hash) = reading.map_err(|wrong| wrong.at("file"))?;
    if reading.data().next().is_none() {
        let say = Say::fixed(
            "Tệp không có chủ nhà trọ nào dưới dòng tiêu đề. Kiểm tra lại có đúng tệp không.",
            "The file has no landlord below its header. Check that it is the right list.",
        );
        return Err(Error::field("file", "no_rows", say));
    }
    let mut tx = match once.begin(&core, staff.id.0).await? {
        Begun::Before(answer) => return Ok(answer),
        Begun::Now(tx) => tx,
    };
    let area_id = area_of_new(&mut tx, Some(&staff), area_id).await?;
    let known = known(&mut tx, &core.vault, &reading).await?;
    let staged = Staged { area_id, reading, known };
    let committed_before = store::committed_before(&mut tx, file_hash.clone()).await?;
    let id = RentImportId::new(&core.clock);
    let answer = preview(id, &staged, lang, committed_before);
    let sealed = kept::seal(&core.vault, &staged)?;
    let totals = json(&answer.totals)?;
    let by = (staff.id, core.clock.now());
    store::insert_import(&mut tx, id, (&file_name, file_hash), sealed, totals, by).await?;
    audit::append(&mut tx, &core.clock, staff.actor(), Act::on("stage", "rent_import", id.0)).await?;
    once.finish(&core, tx, staff.id.0, StatusCode::CREATED, &answer).await
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Internal(Box::new(error)))
}

/// The staged list of an import that this login may see: the own ones, or any for staff of the whole ward.
async fn staged(core: &Core, conn: &mut Conn, staff: &Staff, id: RentImportId) -> Result<Staged> {
    let record = store::import(conn, id).await?.ok_or(Error::NotFound)?;
    if staff.area_id.is_some() && record.created_by != Some(staff.id) {
        return Err(Error::NotFound);
    }
    let Some(sealed) = record.staged.filter(|_| record.committed_at.is_none()) else {
        return Err(Error::conflict(
            "already_committed",
            "Danh sách này đã được lưu. Xem các khoản giảm trong mục Giảm tiền thuê trọ.",
            "This list is stored already. See its reductions under rent reductions.",
        ));
    };
    kept::open(&core.vault, &sealed)
}

/// A staged list again
#[utoipa::path(get, path = "/rent-reductions/imports/{id}", tag = "rent", params(("id" = RentImportId, Path)),
    responses((status = 200, description = "Every row with what becomes of it", body = Preview), Problems))]
async fn get_import(
    State(core): State<Core>,
    staff: Staff,
    headers: HeaderMap,
    Id(id): Id<RentImportId>,
) -> Result<Json<Preview>> {
    staff.require(Right::WriteRent)?;
    let mut conn = core.db.read().await?;
    let mut staged = staged(&core, &mut conn, &staff, id).await?;
    staged.known = known(&mut conn, &core.vault, &staged.reading).await?;
    Ok(Json(preview(id, &staged, language_of(&headers), None)))
}

/// Only the rows with errors, annotated
#[utoipa::path(get, path = "/rent-reductions/imports/{id}/errors.xlsx", tag = "rent",
    params(("id" = RentImportId, Path)),
    responses((status = 200, description = "An .xlsx to correct and send back",
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), Problems))]
async fn import_errors(
    State(core): State<Core>,
    staff: Staff,
    headers: HeaderMap,
    Id(id): Id<RentImportId>,
) -> Result<Response> {
    staff.require(Right::WriteRent)?;
    let staged = staged(&core, &mut *core.db.begin().await?, &staff, id).await?;
    let bytes = error_workbook(&staged.reading, language_of(&headers)).map_err(|wrong| wrong.at("file"))?;
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"dong-loi.xlsx\""),
    ];
    Ok((headers, bytes).into_response())
}

/// What the clerk decides about a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Decision {
    /// Store it, though it looks like a duplicate.
    New,
    /// Leave it out.
    Skip,
}

/// How a list is stored.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"decisions": {"17": "skip"}, "status": "verified"}))]
struct CommitBody {
    /// By a row's `key`: `new` stores a duplicate all the same, `skip` leaves a row out.
    #[serde(default)]
    decisions: BTreeMap<String, Decision>,
    /// `pledged`, `verified` (when left out: the landlords signed the list) or `confirmed`.
    status: Option<ReductionStatus>,
}

/// What was stored.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Committed {
    /// Reductions, one a row.
    new: usize,
    /// Rows left out as duplicates.
    duplicate: usize,
    /// Rows left out for their errors.
    error: usize,
    /// Rows that are no data, and rows that the clerk left out.
    skipped: usize,
    /// Landlords.
    landlords: usize,
    /// Rooms.
    rooms: usize,
    /// Room-months.
    room_months: usize,
    /// Đồng forgone.
    #[schema(value_type = i64)]
    amount: Dong,
}

/// Store a staged list, all or nothing
///
/// Rows with errors and duplicates are left out, unless a decision says otherwise about a duplicate.
#[utoipa::path(post, path = "/rent-reductions/imports/{id}/commit", tag = "rent",
    params(("id" = RentImportId, Path)), request_body = CommitBody,
    responses((status = 200, description = "What was stored", body = Committed), Problems))]
async fn commit_import(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<RentImportId>,
    create: Create<CommitBody>,
) -> Result<Response> {
    staff.require(Right::WriteRent)?;
    let Create { body, once } = create;
    let status = body.status.unwrap_or(ReductionStatus::Verified);
    let counted = status != ReductionStatus::Pledged;
    if counted {
        staff.require(Right::VerifyRent)?;
    }
    if status == ReductionStatus::Rejected {
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
    store::lock_imports(&mut tx).await?;
    let mut staged = staged(&core, &mut tx, &staff, id).await?;
    staged.known = known(&mut tx, &core.vault, &staged.reading).await?;
    let chosen = choose(&staged, &body.decisions)?;
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
    store::finish_import(&mut tx, id, json(&answer)?, staff.id, at).await?;
    let act = Act::on("commit", "rent_import", id.0).with(serde_json::json!({ "reductions": answer.new }));
    audit::append(&mut tx, &core.clock, staff.actor(), act).await?;
    once.finish(&core, tx, staff.id.0, StatusCode::OK, &answer).await
}

#[derive(Debug, Default)]
struct Chosen {
    new: Vec<usize>,
    duplicate: usize,
    error: usize,
    skipped: usize,
}

fn choose(staged: &Staged, decisions: &BTreeMap<String, Decision>) -> Result<Chosen> {
    let mut chosen = Chosen::default();
    let mut fields = Fields::new();
    let mut used = HashSet::new();
    let several = several_sheets(&staged.reading);
    for (at, row) in staged.reading.rows.iter().enumerate() {
        let name = key_of(row.at, several);
        let decision = decisions.get(&name).copied();
        let repeats = row.status == RowStatus::Duplicate || staged.known.contains_key(&at);
        match (decision, row.status) {
            (Some(Decision::Skip), _) | (None, RowStatus::Skipped) => chosen.skipped += 1,
            (Some(Decision::New), RowStatus::Error | RowStatus::Skipped) => {
                let wrong = Wrong::fixed(
                    "has_errors",
                    "Dòng này còn lỗi hoặc không phải dòng dữ liệu nên chưa lưu được. Sửa trong tệp rồi tải lại.",
                    "This row has errors or is no row of data, so it can't be stored. Correct the file and upload it again.",
                );
                fields.push(wrong.at(format!("decisions.{name}")));
            }
            (None, RowStatus::Error) => chosen.error += 1,
            (None, _) if repeats => chosen.duplicate += 1,
            _ => match row.parsed.as_ref().and_then(Whole::of) {
                Some(_) => chosen.new.push(at),
                None => chosen.error += 1,
            },
        }
        used.insert(name);
    }
    for name in decisions.keys().filter(|name| !used.contains(*name)) {
        let wrong = Wrong::fixed("unknown", "Tệp không có dòng này.", "The file has no such row.");
        fields.push(wrong.at(format!("decisions.{name}")));
    }
    fields.finish()?;
    Ok(chosen)
}
