//! The JSON API of rent reductions: pledged by anybody, verified and confirmed by staff.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::pledge::{self, NewReductionBody, Pledged, pledge};
use super::rules::{self, LandlordBody, RoomBody};
use super::store::{self, Correction, ReductionRow, Wanted};
use super::submitter::Submitter;
use super::{Reduction, ReductionStatus, import, private_link, verification};
use crate::db::Conn;
use crate::http::{Answer, Api, Body, Core, CreateBody, Error, Id, Listing, Page, Params, Problems, Result, routes};
use crate::kernel::Validation;
use crate::kernel::ids::{AreaId, LandlordId, ReductionId};
use crate::people::audit::{self, Act};
use crate::people::{Right, Staff};
use crate::places::{self, AreaScope};

/// Rent reductions.
pub fn router<A: Api>() -> A {
    A::new()
        .routes(routes!(create_reduction, list_reductions))
        .routes(routes!(get_reduction, correct_reduction))
        .merge(verification::router())
        .merge(private_link::router())
        .merge(import::api::router())
}

/// Pledge a rent reduction
///
/// Open to the public form: no login needed. One address may send some 300 pledges a quarter of an hour.
#[utoipa::path(post, path = "/rent-reductions", tag = "rent", request_body = NewReductionBody,
    security((), ("bearer" = [])),
    responses((status = 201, description = "Pledged; verified by the neighbourhood head next", body = Pledged), Problems))]
async fn create_reduction(
    State(core): State<Core>,
    submitter: Submitter,
    create: CreateBody<NewReductionBody>,
) -> Result<Answer> {
    let CreateBody { body, once } = create;
    pledge(&core, &submitter, body, once).await
}

/// The area of a new record: staff who are confined to an area may name one below it, and mean their own when they
/// name none.
pub(super) async fn area_of_new(
    conn: &mut Conn,
    staff: Option<&Staff>,
    area_id: Option<AreaId>,
) -> Result<Option<AreaId>> {
    let own = staff.and_then(|staff| staff.area_id);
    let Some(area_id) = area_id else { return Ok(own) };
    places::require_area(conn, "area_id", area_id).await?;
    if let Some(staff) = staff {
        AreaScope::of(staff).require(area_id)?;
    }
    Ok(Some(area_id))
}

/// A reduction within a login's reach; outside it there is none. One without an area is for the whole ward's staff.
pub(super) async fn reachable(conn: &mut Conn, staff: &Staff, id: ReductionId) -> Result<ReductionRow> {
    let row = store::reduction(conn, id).await?.ok_or(Error::NotFound)?;
    let scope = AreaScope::of(staff);
    let within = row.area_id.map_or(scope == AreaScope::All, |area_id| scope.holds(area_id));
    if within { Ok(row) } else { Err(Error::NotFound) }
}

/// The reduction as staff see it after a change, with its lines and a masked phone.
pub(super) async fn view(core: &Core, conn: &mut Conn, id: ReductionId) -> Result<Reduction> {
    let row = store::reduction(conn, id).await?.ok_or(Error::NotFound)?;
    let mut reduction = row.view(&core.vault, false)?;
    reduction.lines = Some(store::lines(conn, id).await?);
    Ok(reduction)
}

/// Which reductions to list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only of this status.
    status: Option<ReductionStatus>,
    /// Only of this area and all below it.
    area_id: Option<AreaId>,
    /// Only of this landlord.
    landlord_id: Option<LandlordId>,
    /// Only the one with this reference, as the landlord reads it out.
    reference: Option<String>,
    /// Rows at most, 1 to 500 (50 when left out).
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Rent reductions
#[utoipa::path(get, path = "/rent-reductions", tag = "rent", params(Filter),
    responses((status = 200, description = "A page of reductions, phones masked", body = Listing<Reduction>), Problems))]
async fn list_reductions(
    State(core): State<Core>,
    staff: Staff,
    Params(filter): Params<Filter>,
) -> Result<Json<Listing<Reduction>>> {
    staff.require(Right::ReadRent)?;
    let cursor = Page { limit: filter.limit, after: filter.after }.cursor()?;
    let mut conn = core.db.read().await?;
    let area_id = filter.area_id.or(staff.area_id);
    if let Some(asked) = filter.area_id
        && !AreaScope::of(&staff).holds(asked)
    {
        return Ok(Json(Listing { items: Vec::new(), next: None }));
    }
    let reference = filter.reference.map(|text| text.trim().to_uppercase());
    let wanted = Wanted { status: filter.status, area_id, landlord_id: filter.landlord_id, reference };
    let rows = store::reductions(&mut conn, wanted, cursor).await?;
    let views = rows.into_iter().map(|row| row.view(&core.vault, false)).collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(Json(Listing::new(views, cursor, |reduction| reduction.id.0)))
}

/// One rent reduction with its lines
///
/// The landlord's phone is shown in full to logins that need it, and that look is logged.
#[utoipa::path(get, path = "/rent-reductions/{id}", tag = "rent", params(("id" = ReductionId, Path)),
    responses((status = 200, description = "The reduction", body = Reduction), Problems))]
pub(super) async fn get_reduction(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<ReductionId>,
) -> Result<Json<Reduction>> {
    staff.require(Right::ReadRent)?;
    let mut conn = core.db.read().await?;
    let row = reachable(&mut conn, &staff, id).await?;
    let in_full = staff.role.may(Right::ReadPersonal);
    let mut reduction = row.view(&core.vault, in_full)?;
    reduction.lines = Some(store::lines(&mut conn, id).await?);
    drop(conn);
    if in_full && reduction.landlord.phone.is_some() {
        audit::record(&core, staff.actor(), Act::on("read_personal", "rent_reduction", id.0)).await?;
    }
    Ok(Json(reduction))
}

/// What is corrected about a pledge; what is left out stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"reason": "Chủ nhà trọ báo nhầm tháng",
    "rooms": [{"room": "Phòng 1", "month": "2021-08", "rent": 1_400_000, "kind": "waiver"}]}))]
pub(super) struct CorrectionBody {
    /// Why, for the log.
    pub(super) reason: String,
    /// Who cuts the rent.
    pub(super) landlord: Option<LandlordBody>,
    /// The area whose head verifies it.
    pub(super) area_id: Option<AreaId>,
    /// All lines, instead of those there are.
    pub(super) rooms: Option<Vec<RoomBody>>,
    /// The landlord's note.
    pub(super) note: Option<String>,
}

/// Correct a reduction while it is pledged
#[utoipa::path(patch, path = "/rent-reductions/{id}", tag = "rent", params(("id" = ReductionId, Path)),
    request_body = CorrectionBody,
    responses((status = 200, description = "The reduction as it is now", body = Reduction), Problems))]
pub(super) async fn correct_reduction(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<ReductionId>,
    Body(body): Body<CorrectionBody>,
) -> Result<Json<Reduction>> {
    staff.require(Right::VerifyRent)?;
    let mut fields = Validation::new();
    let reason = fields.take("reason", audit::parse_reason(&body.reason));
    let landlord = body.landlord.as_ref().and_then(|body| rules::check_landlord(&mut fields, "landlord", body));
    let lines = body.rooms.as_ref().map(|rooms| rules::check_rooms(&mut fields, rooms, core.clock.today()));
    let note = fields.take_optional("note", body.note, |note| rules::parse_note(&note));
    fields.finish()?;
    let mut tx = core.db.begin().await?;
    store::lock(&mut tx, id).await?;
    let row = reachable(&mut tx, &staff, id).await?;
    let area_id = match body.area_id {
        Some(area_id) => area_of_new(&mut tx, Some(&staff), Some(area_id)).await?,
        None => None,
    };
    let landlord_id = match &landlord {
        Some(new) => {
            let area_id = area_id.or(row.area_id);
            Some(store::find_or_insert_landlord(&mut tx, &core.clock, &core.vault, new, area_id).await?)
        }
        None => None,
    };
    let address = landlord.map(|landlord| landlord.address).filter(|address| !address.is_empty());
    let change = Correction { landlord_id, area_id, note, address, at: core.clock.now() };
    pledge::correct(&mut tx, &core, &row, change, lines.as_deref()).await?;
    let act = Act::on("correct", "rent_reduction", id.0).with(serde_json::json!({ "reason": reason }));
    audit::append(&mut tx, &core.clock, staff.actor(), act).await?;
    let reduction = view(&core, &mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(reduction))
}
