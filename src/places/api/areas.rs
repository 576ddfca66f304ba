//! The JSON API of areas.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::http::{
    Answer, Api, Body, Core, CreateBody, Id, IdempotencyKey, Listing, Page, Params, Problems, Result, routes,
};
use crate::kernel::ids::AreaId;
use crate::people::rights::{ManagePlaces, ReadPlans};
use crate::people::{Caller, Permit};
use crate::places::area::Area;
use crate::places::area_body::{AreaChange, AreaChangeBody, NewArea, NewAreaBody};
use crate::places::lookup::reachable_area;
use crate::places::service::areas as service;
use crate::places::store;

pub fn router<A: Api>() -> A {
    A::new().routes(routes!(create_area, list_areas)).routes(routes!(get_area, change_area))
}

/// Register an area
///
/// A login that is confined registers areas within its own, and no ward.
#[utoipa::path(post, path = "/areas", tag = "places", params(IdempotencyKey), request_body = NewAreaBody,
    responses((status = 201, description = "The area", body = Area), Problems))]
async fn create_area(
    State(core): State<Core>,
    permit: Permit<ManagePlaces>,
    create: CreateBody<NewAreaBody>,
) -> Result<Answer> {
    let new = NewArea::parse(&permit, &core.clock, create.body)?;
    core.run_once(&create.once, permit.id.0, StatusCode::CREATED, async |tx| {
        service::create(tx, &core.clock, &permit, new).await
    })
    .await
}

/// Areas
///
/// Those that the caller reaches.
#[utoipa::path(get, path = "/areas", tag = "places", params(Page),
    responses((status = 200, description = "A page of areas", body = Listing<Area>), Problems))]
async fn list_areas(
    State(core): State<Core>,
    permit: Permit<ReadPlans, Caller>,
    Params(page): Params<Page>,
) -> Result<Json<Listing<Area>>> {
    let cursor = page.cursor()?;
    let areas = store::areas(&mut core.db.read().await?, &permit.areas(), cursor).await?;
    Ok(Json(Listing::new(areas, cursor, |area| area.id.0)))
}

/// One area
#[utoipa::path(get, path = "/areas/{id}", tag = "places", params(("id" = AreaId, Path)),
    responses((status = 200, description = "The area", body = Area), Problems))]
async fn get_area(
    State(core): State<Core>,
    permit: Permit<ReadPlans, Caller>,
    Id(id): Id<AreaId>,
) -> Result<Json<Area>> {
    reachable_area(&mut core.db.read().await?, &permit.areas(), id).await.map(Json)
}

/// Rename, move or close an area
///
/// A login that is confined renames its own areas and closes those below the one it is confined to; moving areas, and all
/// that is done to the ward, is for logins of the whole ward.
#[utoipa::path(patch, path = "/areas/{id}", tag = "places", params(("id" = AreaId, Path)), request_body = AreaChangeBody,
    responses((status = 200, description = "The area as it is now", body = Area), Problems))]
async fn change_area(
    State(core): State<Core>,
    permit: Permit<ManagePlaces>,
    Id(id): Id<AreaId>,
    Body(body): Body<AreaChangeBody>,
) -> Result<Json<Area>> {
    let change = AreaChange::parse(body)?;
    core.run(async |tx| service::change(tx, &core.clock, &permit, id, change).await).await.map(Json)
}
