//! The JSON API of areas.

use axum::Json;
use axum::extract::State;

use crate::http::{Answer, Api, Body, Core, CreateBody, Id, Listing, Page, Params, Problems, Result, routes};
use crate::kernel::ids::AreaId;
use crate::people::rights::{ManagePlaces, ReadPlans};
use crate::people::{Caller, Permit};
use crate::places::area::Area;
use crate::places::lookup::reachable_area;
use crate::places::service::areas as service;
use crate::places::service::areas::{AreaChange, NewAreaBody};
use crate::places::store;

pub fn router<A: Api>() -> A {
    A::new().routes(routes!(create_area, list_areas)).routes(routes!(get_area, change_area))
}

/// Register an area
///
/// A login that is confined registers areas within its own, and no ward.
#[utoipa::path(post, path = "/areas", tag = "places", request_body = NewAreaBody,
    responses((status = 201, description = "The area", body = Area), Problems))]
async fn create_area(
    State(core): State<Core>,
    permit: Permit<ManagePlaces>,
    create: CreateBody<NewAreaBody>,
) -> Result<Answer> {
    service::create(&core, &permit, create).await
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
#[utoipa::path(patch, path = "/areas/{id}", tag = "places", params(("id" = AreaId, Path)), request_body = AreaChange,
    responses((status = 200, description = "The area as it is now", body = Area), Problems))]
async fn change_area(
    State(core): State<Core>,
    permit: Permit<ManagePlaces>,
    Id(id): Id<AreaId>,
    Body(change): Body<AreaChange>,
) -> Result<Json<Area>> {
    service::change(&core, &permit, id, change).await.map(Json)
}
