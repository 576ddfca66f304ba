//! The JSON API of imported lists of donors: preview, then commit, all or nothing.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::commit::{Common, donations, unknown_decisions};
use super::opened::{Opened, find};
use super::preview::{Preview, Sums, compose};
use super::rows::{DonationRow, ImportOptions, read};
use super::steps_api;
use super::things::DonationLine;
use crate::goods::CampaignId;
use crate::goods::campaigns::api::require_campaign;
use crate::goods::donations::record::record;
use crate::goods::scope::Scope;
use crate::goods::store::first_warehouses;
use crate::kernel::Say;
use crate::lists::staged::by_hand::{self, Decision};
use crate::lists::staged::steps::Steps;
use crate::lists::staged::{self, ImportId, Kind, Uploaded};
use crate::lists::values::MoneyUnit;
use crate::lists::{Choice, Reading, RowStatus, Workbook};
use crate::people::audit::{self, Act};
use crate::people::{Right, Staff};
use crate::places::PointId;
use crate::web::{Answer, Begun, Core, Create, Error, Id, Problems, Result, Upload, language_of};

/// Imports of donations.
pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(upload_donations))
        .layer(DefaultBodyLimit::disable())
        .routes(routes!(get_donation_import))
        .routes(routes!(commit_donation_import))
        .routes(routes!(donation_import_errors))
        .merge(steps_api::router())
}

/// What the clerk says about a list.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Options {
    /// The unit of its money columns.
    #[serde(default)]
    pub unit: MoneyUnit,
    /// For which campaign.
    pub campaign_id: Option<CampaignId>,
    /// Where its goods enter stock.
    pub point_id: Option<PointId>,
    /// Columns chosen by hand.
    #[serde(default)]
    pub columns: Vec<Choice>,
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
    unit: Option<String>,
    /// For which campaign.
    campaign_id: Option<CampaignId>,
    /// Where its goods enter stock.
    point_id: Option<PointId>,
    /// The same three as one JSON object.
    options: Option<String>,
}

impl Options {
    fn of(fields: &BTreeMap<String, String>) -> Result<Self> {
        let wrong = |field: &'static str| {
            let say = Say::fixed(
                "Lựa chọn chưa đúng: unit là «đồng» hoặc «nghìn đồng»; campaign_id, point_id là mã.",
                "An option is not right: unit is “đồng” or “nghìn đồng”; campaign_id and point_id are ids.",
            );
            Error::field(field, "unknown_value", say)
        };
        let filled = |name: &str| fields.get(name).filter(|text| !text.is_empty());
        let mut options: Self = match filled("options") {
            None => Self::default(),
            Some(text) => serde_json::from_str(text).map_err(|_| wrong("options"))?,
        };
        if let Some(unit) = filled("unit") {
            options.unit = serde_json::from_value(json!(unit)).map_err(|_| wrong("unit"))?;
        }
        if let Some(id) = filled("campaign_id") {
            options.campaign_id = Some(id.parse().map_err(|_| wrong("campaign_id"))?);
        }
        if let Some(id) = filled("point_id") {
            options.point_id = Some(id.parse().map_err(|_| wrong("point_id"))?);
        }
        Ok(options)
    }
}

/// Upload a list of donors and preview it; nothing is stored as a donation yet
#[utoipa::path(post, path = "/donations/imports", tag = "goods",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "Every row with what would become of it", body = Preview), Problems))]
pub(super) async fn upload_donations(
    State(core): State<Core>,
    staff: Staff,
    headers: HeaderMap,
    upload: Upload,
) -> Result<Answer> {
    staff.require(Right::WriteGoods)?;
    let options = Options::of(&upload.fields)?;
    let lang = language_of(&headers);
    let (today, unit) = (core.clock.today(), options.unit);
    let read = move |workbook: &Workbook| read(workbook, &[], ImportOptions { unit }, today);
    let file = staged::read_file(&core, Kind::Donations, upload.bytes, read).await?;
    let mut tx = match upload.once.begin(&core, staff.id.0).await? {
        Begun::Before(answer) => return Ok(answer),
        Begun::Now(tx) => tx,
    };
    if let Some(id) = options.campaign_id {
        require_campaign(&mut tx, "campaign_id", id).await?;
    }
    if let Some(id) = options.point_id {
        Scope::of(&mut tx, &staff).await?.require_point(&mut tx, "point_id", id).await?;
    }
    let uploaded = Uploaded { file_name: upload.file_name, options: &options, by: Some(staff.id.0) };
    let (list, reading) = staged::stage(&mut tx, &core, uploaded, file).await?;
    let opened = Opened::with(&mut tx, today, list, reading, Steps::default()).await?;
    let preview = compose(&mut tx, &opened, lang).await?;
    let act = Act::on("upload", "donation_import", preview.id.0).with(json!({ "totals": preview.totals }));
    audit::append(&mut tx, &core.clock, staff.actor(), act).await?;
    upload.once.finish(&core, tx, staff.id.0, StatusCode::CREATED, &preview).await
}

/// A list that was uploaded, with what would become of every row
#[utoipa::path(get, path = "/donations/imports/{id}", tag = "goods", params(("id" = ImportId, Path)),
    responses((status = 200, description = "The preview", body = Preview), Problems))]
pub(super) async fn get_donation_import(
    State(core): State<Core>,
    staff: Staff,
    headers: HeaderMap,
    Id(id): Id<ImportId>,
) -> Result<Json<Preview>> {
    staff.require(Right::WriteGoods)?;
    let mut conn = core.db.snapshot().await?;
    let list = find(&mut conn, id).await?;
    let opened = Opened::of(&mut conn, &core, list).await?;
    Ok(Json(compose(&mut conn, &opened, language_of(&headers)).await?))
}

/// Only the rows with errors, annotated
#[utoipa::path(get, path = "/donations/imports/{id}/errors.xlsx", tag = "goods", params(("id" = ImportId, Path)),
    responses((status = 200, description = "An .xlsx to correct and send back",
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), Problems))]
pub(super) async fn donation_import_errors(
    State(core): State<Core>,
    staff: Staff,
    headers: HeaderMap,
    Id(id): Id<ImportId>,
) -> Result<Response> {
    staff.require(Right::WriteGoods)?;
    staged::errors_download(Opened::find(&core, id).await?.reading, language_of(&headers)).await
}

/// What the clerk decides before a list becomes donations.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"decisions": {"12": "new", "15": "skip"}}))]
#[schema(as = DonationImportCommit)]
pub(super) struct CommitBody {
    /// By a row's `key`: `new` stores a duplicate all the same, `skip` leaves a row out.
    #[serde(default)]
    pub(super) decisions: BTreeMap<String, Decision>,
    /// Where goods enter stock, when the upload did not say.
    pub(super) point_id: Option<PointId>,
}

/// What a commit did.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = DonationImportCounts)]
pub(super) struct Committed {
    /// The import.
    id: ImportId,
    /// Donations stored.
    pub(super) created: usize,
    /// Rows of data that were left out: errors, duplicates, those decided to be skipped.
    pub(super) skipped: usize,
    /// Where goods entered stock; null: they were only counted.
    pub(super) point_id: Option<PointId>,
    /// What was stored.
    pub(super) sums: Sums,
}

/// Make donations of a list; all or nothing, once
#[utoipa::path(post, path = "/donations/imports/{id}/commit", tag = "goods", params(("id" = ImportId, Path)),
    request_body = CommitBody, responses((status = 201, description = "What was stored", body = Committed), Problems))]
pub(super) async fn commit_donation_import(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<ImportId>,
    create: Create<CommitBody>,
) -> Result<Answer> {
    staff.require(Right::WriteGoods)?;
    let Create { body, once } = create;
    let mut tx = match once.begin(&core, staff.id.0).await? {
        Begun::Before(answer) => return Ok(answer),
        Begun::Now(tx) => tx,
    };
    let list = find(&mut tx, id).await?;
    staged::take(&mut tx, &core, &list, Some(staff.id.0)).await?;
    let Opened { options, reading, steps, .. } = Opened::of(&mut tx, &core, list).await?;
    let rows = chosen(&reading, &by_hand::all_decisions(&reading, &steps, body.decisions)?)?;
    let goods = rows.iter().flat_map(|(_, row)| &row.lines).any(|line| matches!(line, DonationLine::Goods { .. }));
    let point_id = match body.point_id.or(options.point_id) {
        given if !goods => given.filter(|_| false),
        Some(given) => Some(given),
        None => only_warehouse(first_warehouses(&mut tx).await?)?,
    };
    if let Some(point_id) = point_id {
        Scope::of(&mut tx, &staff).await?.require_point(&mut tx, "point_id", point_id).await?;
    }
    let common = Common { import_id: id.0, campaign_id: options.campaign_id, point_id, created_by: staff.id };
    let new = donations(&mut tx, &core.clock, common, &rows).await?;
    let created = record(&mut tx, &core.clock, &new).await?.len();
    let sums = Sums::of(rows.iter().map(|(_, row)| row));
    let answer = Committed { id, created, skipped: reading.data().count() - created, point_id, sums };
    staged::keep_counts(&mut tx, id, staged::json(&answer)?).await?;
    let act = Act::on("commit", "donation_import", id.0).with(json!({ "created": created }));
    audit::append(&mut tx, &core.clock, staff.actor(), act).await?;
    let response = once.finish(&core, tx, staff.id.0, StatusCode::CREATED, &answer).await?;
    core.changed();
    Ok(response)
}

/// The rows that become donations.
fn chosen(
    reading: &Reading<DonationRow>,
    decisions: &BTreeMap<String, Decision>,
) -> Result<Vec<(String, DonationRow)>> {
    let keys: BTreeSet<String> = reading.data().map(|row| reading.key_of(row.at)).collect();
    if let Some(unknown) = unknown_decisions(decisions.keys(), &keys).first() {
        let say = Say::fixed("Không có dòng này trong danh sách.", "The list has no such row.");
        return Err(Error::field(format!("decisions.{unknown}"), "unknown", say));
    }
    let rows = reading.data().filter_map(|row| {
        let key = reading.key_of(row.at);
        let wanted = match (row.status, decisions.get(&key)) {
            (RowStatus::New, decision) => decision != Some(&Decision::Skip),
            (RowStatus::Duplicate, decision) => decision == Some(&Decision::New),
            _ => false,
        };
        row.parsed.clone().filter(|_| wanted).map(|parsed| (key, parsed))
    });
    Ok(rows.collect())
}

/// Goods of a list without a point: into the only warehouse; where there is none at all they are only counted.
fn only_warehouse(warehouses: Vec<PointId>) -> Result<Option<PointId>> {
    match warehouses.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(*only)),
        _ => Err(Error::field(
            "point_id",
            "required",
            Say::fixed(
                "Có nhiều kho. Hãy chọn kho nhập hiện vật của danh sách này (point_id).",
                "There are several warehouses. Choose where this list's goods enter (point_id).",
            ),
        )),
    }
}
