//! Distribution points and warehouses: registered, changed, closed for good.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use crate::db::Tx;
use crate::http::{
    Answer, Api, Body, Claim, Core, CreateBody, Error, Id, Listing, Page, Params, Problems, Result, routes,
};
use crate::kernel::Validation;
use crate::kernel::ids::{AreaId, PointId};
use crate::kernel::message::Invalid;
use crate::people::audit::{self, Act};
use crate::people::caller::forget_believed;
use crate::people::{Caller, Right, Staff};
use crate::places::AreaScope;
use crate::places::lookup::{reachable_point, require_area};
use crate::places::name::parse_name;
use crate::places::point::{Point, PointKind};
use crate::places::rules::require_point_place;
use crate::places::store::{self, NewPoint, PointState};

pub fn router<A: Api>() -> A {
    A::new().routes(routes!(create_point, list_points)).routes(routes!(get_point, change_point))
}

/// A point to register.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "Nhà văn hóa khu dân cư số 3", "kind": "distribution",
    "area_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "address": "120 Trần Cao Vân", "desks": 2}))]
pub(in crate::places) struct NewPointBody {
    /// 1 to 200 characters.
    pub(in crate::places) name: String,
    /// What kind of place it is.
    pub(in crate::places) kind: PointKind,
    /// The area it lies in.
    pub(in crate::places) area_id: AreaId,
    /// Where people go.
    pub(in crate::places) address: Option<String>,
    /// How many desks (bàn phát), 1 to 99; 1 when left out.
    pub(in crate::places) desks: Option<i64>,
}

/// Register a distribution point or a warehouse
///
/// A login that is confined to an area registers points within it; one that was given its points by name, none.
#[utoipa::path(post, path = "/points", tag = "places", request_body = NewPointBody,
    responses((status = 201, description = "The point with its number", body = Point), Problems))]
pub(in crate::places) async fn create_point(
    State(core): State<Core>,
    staff: Staff,
    create: CreateBody<NewPointBody>,
) -> Result<Answer> {
    staff.require(Right::ManagePlaces)?;
    let CreateBody { body, once } = create;
    let mut fields = Validation::new();
    let name = fields.take("name", parse_name(&body.name));
    let desks = fields.take("desks", parse_desks(body.desks.unwrap_or(1)));
    let address = fields.take("address", parse_address(body.address.as_deref().unwrap_or("")));
    fields.finish()?;
    require_point_place(&staff, body.area_id)?;
    let mut tx = match once.begin(&core, staff.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    require_area(&mut tx, "area_id", body.area_id).await?;
    let point = NewPoint {
        name: name.unwrap_or_default(),
        kind: body.kind,
        area_id: body.area_id,
        address: address.unwrap_or_default(),
        desks: desks.unwrap_or(1),
    };
    let point = store::insert_point(&mut tx, &core.clock, point).await?;
    audit::append(&mut tx, &core.clock, staff.actor(), Act::on("create", "point", point.id.0)).await?;
    let answer = once.finish(&core, tx, staff.id.0, StatusCode::CREATED, &point).await?;
    forget_believed();
    Ok(answer)
}

/// Points
///
/// Those that the caller reaches.
#[utoipa::path(get, path = "/points", tag = "places", params(Page),
    responses((status = 200, description = "A page of points", body = Listing<Point>), Problems))]
async fn list_points(
    State(core): State<Core>,
    caller: Caller,
    Params(page): Params<Page>,
) -> Result<Json<Listing<Point>>> {
    caller.require(Right::ReadPlans)?;
    let cursor = page.cursor()?;
    let points = store::points(&mut core.db.read().await?, &caller.points(), cursor).await?;
    Ok(Json(Listing::new(points, cursor, |point| point.id.0)))
}

/// One point
#[utoipa::path(get, path = "/points/{id}", tag = "places", params(("id" = PointId, Path)),
    responses((status = 200, description = "The point", body = Point), Problems))]
async fn get_point(State(core): State<Core>, caller: Caller, Id(id): Id<PointId>) -> Result<Json<Point>> {
    caller.require(Right::ReadPlans)?;
    reachable_point(&mut core.db.read().await?, &caller.points(), id).await.map(Json)
}

/// What changes about a point; what is left out stays. Its kind and its number never change: papers carry them.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "Nhà văn hóa khu dân cư số 3 (mới sửa)", "desks": 3}))]
pub(in crate::places) struct PointChange {
    /// The new name.
    pub(in crate::places) name: Option<String>,
    /// The area it lies in from now on.
    pub(in crate::places) area_id: Option<AreaId>,
    /// Where people go.
    pub(in crate::places) address: Option<String>,
    /// How many desks (bàn phát), 1 to 99.
    pub(in crate::places) desks: Option<i64>,
    /// True closes the point, which must hold no goods and belong to no open round; false opens it again.
    pub(in crate::places) closed: Option<bool>,
}

/// Change, close or reopen a point
///
/// A login that is confined changes its own points, and moves them within its own areas.
#[utoipa::path(patch, path = "/points/{id}", tag = "places", params(("id" = PointId, Path)), request_body = PointChange,
    responses((status = 200, description = "The point as it is now", body = Point), Problems))]
pub(in crate::places) async fn change_point(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<PointId>,
    Body(change): Body<PointChange>,
) -> Result<Json<Point>> {
    staff.require(Right::ManagePlaces)?;
    let mut fields = Validation::new();
    let name = fields.take_optional("name", change.name, |name| parse_name(&name));
    let desks = fields.take_optional("desks", change.desks, parse_desks);
    let address = fields.take_optional("address", change.address, |address| parse_address(&address));
    fields.finish()?;
    let mut tx = core.db.begin().await?;
    let before = store::lock_point(&mut tx, id).await?.ok_or(Error::NotFound)?;
    staff.require_point(id)?;
    if let Some(area_id) = change.area_id.filter(|area_id| *area_id != before.area_id) {
        // Who names points alone reaches no area of their own: taking a point away from its area is not for them.
        if AreaScope::of(&staff).is_all() {
            staff.require_unconfined()?;
        }
        AreaScope::of(&staff).require(area_id)?;
        require_area(&mut tx, "area_id", area_id).await?;
    }
    let closed_at = match change.closed {
        Some(true) if before.closed_at.is_none() => {
            require_unused(&mut tx, id).await?;
            Some(core.clock.now())
        }
        Some(false) => None,
        _ => before.closed_at,
    };
    let state = PointState {
        name: name.unwrap_or(before.name),
        area_id: change.area_id.unwrap_or(before.area_id),
        address: address.unwrap_or(before.address),
        desks: desks.unwrap_or(before.desks),
        closed_at,
    };
    store::update_point(&mut tx, id, state).await?;
    audit::append(&mut tx, &core.clock, staff.actor(), Act::on("update", "point", id.0)).await?;
    let point = store::point(&mut tx, id).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    forget_believed();
    core.changed();
    Ok(Json(point))
}

/// A point that closes leaves neither goods nor vouchers behind.
async fn require_unused(tx: &mut Tx, id: PointId) -> Result<()> {
    let used = store::point_use(tx, id).await?;
    if used.items > 0 {
        return Err(Error::conflict(
            "point_holds_goods",
            "Điểm này còn hàng. Hãy chuyển kho hoặc điều chỉnh tồn về 0 trước khi đóng.",
            "The point still holds goods. Transfer them, or adjust its stock to zero, before it closes.",
        ));
    }
    if used.rounds > 0 {
        return Err(Error::conflict(
            "point_in_round",
            "Điểm này thuộc một đợt phát chưa đóng. Hãy đóng đợt phát trước.",
            "The point belongs to a round that is not closed. Close the round first.",
        ));
    }
    Ok(())
}

fn parse_desks(desks: i64) -> std::result::Result<i64, Invalid> {
    if (1..=99).contains(&desks) {
        Ok(desks)
    } else {
        Err(Invalid::fixed("out_of_range", "Số bàn phát từ 1 đến 99.", "A point has 1 to 99 desks."))
    }
}

fn parse_address(text: &str) -> std::result::Result<String, Invalid> {
    let address = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if address.chars().count() <= 300 {
        Ok(address)
    } else {
        Err(Invalid::fixed("out_of_range", "Địa chỉ dài nhất 300 ký tự.", "An address has 300 characters at most."))
    }
}
