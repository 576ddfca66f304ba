//! The JSON API of distribution points and warehouses.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::http::{
    Answer, Api, Body, Core, CreateBody, Id, IdempotencyKey, Listing, Page, Params, Problems, Result, routes,
};
use crate::kernel::ids::PointId;
use crate::people::rights::{ManagePlaces, ReadPlans};
use crate::people::{Caller, Permit};
use crate::places::lookup::reachable_point;
use crate::places::point::Point;
use crate::places::point_body::{NewPoint, NewPointBody, PointChange, PointChangeBody};
use crate::places::service::points as service;
use crate::places::store;

pub fn router<A: Api>() -> A {
    A::new().routes(routes!(create_point, list_points)).routes(routes!(get_point, change_point))
}

/// Register a distribution point or a warehouse
///
/// A login that is confined to an area registers points within it; one that was given its points by name, none.
#[utoipa::path(post, path = "/points", tag = "places", params(IdempotencyKey), request_body = NewPointBody,
    responses((status = 201, description = "The point with its number", body = Point), Problems))]
async fn create_point(
    State(core): State<Core>,
    permit: Permit<ManagePlaces>,
    create: CreateBody<NewPointBody>,
) -> Result<Answer> {
    let new = NewPoint::parse(&permit, create.body)?;
    core.run_once(&create.once, permit.id.0, StatusCode::CREATED, async |tx| {
        service::create(tx, &core.clock, &permit, new).await
    })
    .await
}

/// Points
///
/// Those that the caller reaches.
#[utoipa::path(get, path = "/points", tag = "places", params(Page),
    responses((status = 200, description = "A page of points", body = Listing<Point>), Problems))]
async fn list_points(
    State(core): State<Core>,
    permit: Permit<ReadPlans, Caller>,
    Params(page): Params<Page>,
) -> Result<Json<Listing<Point>>> {
    let cursor = page.cursor()?;
    let points = store::points(&mut core.db.read().await?, &permit.points(), cursor).await?;
    Ok(Json(Listing::new(points, cursor, |point| point.id.0)))
}

/// One point
#[utoipa::path(get, path = "/points/{id}", tag = "places", params(("id" = PointId, Path)),
    responses((status = 200, description = "The point", body = Point), Problems))]
async fn get_point(
    State(core): State<Core>,
    permit: Permit<ReadPlans, Caller>,
    Id(id): Id<PointId>,
) -> Result<Json<Point>> {
    reachable_point(&mut core.db.read().await?, &permit.points(), id).await.map(Json)
}

/// Change, close or reopen a point
///
/// A login that is confined changes its own points, and moves them within its own areas.
#[utoipa::path(patch, path = "/points/{id}", tag = "places", params(("id" = PointId, Path)), request_body = PointChangeBody,
    responses((status = 200, description = "The point as it is now", body = Point), Problems))]
async fn change_point(
    State(core): State<Core>,
    permit: Permit<ManagePlaces>,
    Id(id): Id<PointId>,
    Body(body): Body<PointChangeBody>,
) -> Result<Json<Point>> {
    let change = PointChange::parse(body)?;
    core.run(async |tx| service::change(tx, &core, &permit, id, change).await).await.map(Json)
}
