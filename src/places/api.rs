//! The JSON API of areas and points.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::store::{self, NewArea, NewPoint};
use super::{Area, AreaId, AreaKind, Point, PointId, PointKind, parse_name};
use crate::db::{Conn, Trouble, trouble};
use crate::kernel::say::Wrong;
use crate::kernel::{Day, Fields, Say};
use crate::people::audit::{self, Act};
use crate::people::{Caller, Right, Staff};
use crate::web::{Answer, Begun, Body, Core, Create, Error, Id, Listing, Page, Params, Problems, Result};

/// Areas and points.
pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(create_area, list_areas))
        .routes(routes!(get_area, change_area))
        .routes(routes!(create_point, list_points))
        .routes(routes!(get_point))
}

/// An area to register.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "Khu dân cư số 3", "kind": "neighbourhood", "parent_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90"}))]
struct NewAreaBody {
    /// 1 to 200 characters.
    name: String,
    /// What kind of unit it is.
    kind: AreaKind,
    /// The area it lies in; nothing for a ward.
    parent_id: Option<AreaId>,
    /// The official code, unique.
    code: Option<String>,
    /// The first day it exists; today when left out.
    starts_on: Option<Day>,
    /// The areas it was made of, when borders were redrawn.
    #[serde(default)]
    predecessor_ids: Vec<AreaId>,
}

/// Register an area
#[utoipa::path(post, path = "/areas", tag = "places", request_body = NewAreaBody,
    responses((status = 201, description = "The area", body = Area), Problems))]
async fn create_area(State(core): State<Core>, staff: Staff, create: Create<NewAreaBody>) -> Result<Answer> {
    staff.require(Right::ManagePlaces)?;
    let Create { body, once } = create;
    let mut fields = Fields::new();
    let name = fields.take("name", parse_name(&body.name));
    fields.finish()?;
    let name = name.unwrap_or_default();
    let mut tx = match once.begin(&core, staff.id.0).await? {
        Begun::Before(answer) => return Ok(answer),
        Begun::Now(tx) => tx,
    };
    if let Some(parent_id) = body.parent_id {
        require_area(&mut tx, "parent_id", parent_id).await?;
    }
    for (i, predecessor_id) in body.predecessor_ids.iter().enumerate() {
        require_area(&mut tx, &format!("predecessor_ids[{i}]"), *predecessor_id).await?;
    }
    let area = NewArea {
        parent_id: body.parent_id,
        name_key: name.to_lowercase(),
        name,
        kind: body.kind,
        code: body.code.filter(|code| !code.trim().is_empty()),
        starts_on: body.starts_on.unwrap_or_else(|| core.clock.today()),
        predecessor_ids: body.predecessor_ids,
    };
    let area = store::insert_area(&mut tx, &core.clock, area).await.map_err(code_taken)?;
    audit::append(&mut tx, &core.clock, staff.actor(), Act::on("create", "area", area.id.0)).await?;
    once.finish(&core, tx, staff.id.0, StatusCode::CREATED, &area).await
}

/// All areas
#[utoipa::path(get, path = "/areas", tag = "places", params(Page),
    responses((status = 200, description = "A page of areas", body = Listing<Area>), Problems))]
async fn list_areas(
    State(core): State<Core>,
    caller: Caller,
    Params(page): Params<Page>,
) -> Result<Json<Listing<Area>>> {
    caller.require(Right::ReadPlans)?;
    let cursor = page.cursor()?;
    let areas = store::areas(&mut core.db.read().await?, cursor).await?;
    Ok(Json(Listing::new(areas, cursor, |area| area.id.0)))
}

/// One area
#[utoipa::path(get, path = "/areas/{id}", tag = "places", params(("id" = AreaId, Path)),
    responses((status = 200, description = "The area", body = Area), Problems))]
async fn get_area(State(core): State<Core>, caller: Caller, Id(id): Id<AreaId>) -> Result<Json<Area>> {
    caller.require(Right::ReadPlans)?;
    store::area(&mut core.db.read().await?, id).await?.map(Json).ok_or(Error::NotFound)
}

/// What changes about an area; what is left out stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "Tổ 32 (mới)", "ends_on": "2025-06-30"}))]
struct AreaChange {
    /// The new name.
    name: Option<String>,
    /// The area it lies in from now on.
    parent_id: Option<AreaId>,
    /// The new official code.
    code: Option<String>,
    /// The last day it exists.
    ends_on: Option<Day>,
}

/// Rename, move or close an area
#[utoipa::path(patch, path = "/areas/{id}", tag = "places", params(("id" = AreaId, Path)), request_body = AreaChange,
    responses((status = 200, description = "The area as it is now", body = Area), Problems))]
async fn change_area(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<AreaId>,
    Body(change): Body<AreaChange>,
) -> Result<Json<Area>> {
    staff.require(Right::ManagePlaces)?;
    let mut fields = Fields::new();
    let name = fields.take_optional("name", change.name, |name| parse_name(&name));
    fields.finish()?;
    let mut tx = core.db.begin().await?;
    let before = store::area(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if let Some(parent_id) = change.parent_id {
        require_area(&mut tx, "parent_id", parent_id).await?;
        if store::subtree(&mut tx, id).await?.contains(&parent_id) {
            return Err(Error::field(
                "parent_id",
                "circular",
                Say::fixed("Không thể đặt một khu vực vào trong chính nó.", "An area can't lie inside itself."),
            ));
        }
    }
    if change.ends_on.is_some_and(|ends_on| ends_on < before.starts_on) {
        return Err(Error::field(
            "ends_on",
            "out_of_range",
            Say::fixed("Ngày kết thúc không được trước ngày bắt đầu.", "The last day can't come before the first."),
        ));
    }
    let name = name.map(|name| (name.clone(), name.to_lowercase()));
    store::update_area(&mut tx, id, name, change.parent_id, change.code, change.ends_on).await.map_err(code_taken)?;
    audit::append(&mut tx, &core.clock, staff.actor(), Act::on("update", "area", id.0)).await?;
    let area = store::area(&mut tx, id).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    Ok(Json(area))
}

/// A point to register.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "Nhà văn hóa khu dân cư số 3", "kind": "distribution",
    "area_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "address": "120 Trần Cao Vân", "desks": 2}))]
pub(super) struct NewPointBody {
    /// 1 to 200 characters.
    pub(super) name: String,
    /// What kind of place it is.
    pub(super) kind: PointKind,
    /// The area it lies in.
    pub(super) area_id: AreaId,
    /// Where people go.
    pub(super) address: Option<String>,
    /// How many desks (bàn phát), 1 to 99; 1 when left out.
    pub(super) desks: Option<i64>,
}

/// Register a distribution point or a warehouse
#[utoipa::path(post, path = "/points", tag = "places", request_body = NewPointBody,
    responses((status = 201, description = "The point with its number", body = Point), Problems))]
pub(super) async fn create_point(
    State(core): State<Core>,
    staff: Staff,
    create: Create<NewPointBody>,
) -> Result<Answer> {
    staff.require(Right::ManagePlaces)?;
    let Create { body, once } = create;
    let desks = body.desks.unwrap_or(1);
    let mut fields = Fields::new();
    let name = fields.take("name", parse_name(&body.name));
    fields.check("desks", (1..=99).contains(&desks), || {
        Wrong::fixed("out_of_range", "Số bàn phát từ 1 đến 99.", "A point has 1 to 99 desks.")
    });
    fields.finish()?;
    let mut tx = match once.begin(&core, staff.id.0).await? {
        Begun::Before(answer) => return Ok(answer),
        Begun::Now(tx) => tx,
    };
    require_area(&mut tx, "area_id", body.area_id).await?;
    let point = NewPoint {
        name: name.unwrap_or_default(),
        kind: body.kind,
        area_id: body.area_id,
        address: body.address.unwrap_or_default(),
        desks,
    };
    let point = store::insert_point(&mut tx, &core.clock, point).await?;
    audit::append(&mut tx, &core.clock, staff.actor(), Act::on("create", "point", point.id.0)).await?;
    once.finish(&core, tx, staff.id.0, StatusCode::CREATED, &point).await
}

/// All points
#[utoipa::path(get, path = "/points", tag = "places", params(Page),
    responses((status = 200, description = "A page of points", body = Listing<Point>), Problems))]
async fn list_points(
    State(core): State<Core>,
    caller: Caller,
    Params(page): Params<Page>,
) -> Result<Json<Listing<Point>>> {
    caller.require(Right::ReadPlans)?;
    let cursor = page.cursor()?;
    let points = store::points(&mut core.db.read().await?, cursor).await?;
    Ok(Json(Listing::new(points, cursor, |point| point.id.0)))
}

/// One point
#[utoipa::path(get, path = "/points/{id}", tag = "places", params(("id" = PointId, Path)),
    responses((status = 200, description = "The point", body = Point), Problems))]
async fn get_point(State(core): State<Core>, caller: Caller, Id(id): Id<PointId>) -> Result<Json<Point>> {
    caller.require(Right::ReadPlans)?;
    store::point(&mut core.db.read().await?, id).await?.map(Json).ok_or(Error::NotFound)
}

/// The area that a field names must exist.
pub async fn require_area(conn: &mut Conn, field: &str, id: AreaId) -> Result<Area> {
    store::area(conn, id).await?.ok_or_else(|| {
        Error::field(
            field,
            "unknown",
            Say::fixed(
                "Không có khu vực này. Xem danh sách khu vực rồi chọn lại.",
                "There is no such area. See the list of areas and choose again.",
            ),
        )
    })
}

/// The point that a field names must exist and be open.
pub async fn require_point(conn: &mut Conn, field: &str, id: PointId) -> Result<Point> {
    store::point(conn, id).await?.filter(|point| point.closed_at.is_none()).ok_or_else(|| {
        Error::field(
            field,
            "unknown",
            Say::fixed(
                "Không có điểm này hoặc điểm đã đóng. Xem danh sách điểm rồi chọn lại.",
                "There is no such point, or it is closed. See the list of points and choose again.",
            ),
        )
    })
}

fn code_taken(error: sqlx::Error) -> Error {
    if trouble(&error) == Trouble::Unique {
        return Error::field(
            "code",
            "taken",
            Say::fixed("Mã này đã dùng cho khu vực khác.", "This code belongs to another area."),
        );
    }
    error.into()
}
