//! The JSON API of adjustments (điều chỉnh tồn): goods that spoiled, were lost, or were counted otherwise.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::http::{Answer, Api, Core, CreateBody, Id, IdempotencyKey, Listing, Page, Params, Problems, Result, routes};
use crate::inventory::adjustment::{Adjustment, NewAdjustment, NewAdjustmentBody};
use crate::inventory::service::adjustments as service;
use crate::inventory::store::records;
use crate::kernel::ids::AdjustmentId;
use crate::people::Permit;
use crate::people::rights::{MoveStock, ReadStock};

/// Adjustments.
pub fn router<A: Api>() -> A {
    A::new().routes(routes!(create_adjustment, list_adjustments)).routes(routes!(get_adjustment))
}

/// Adjust the stock of a point
#[utoipa::path(post, path = "/stock/adjustments", tag = "stock", params(IdempotencyKey), request_body = NewAdjustmentBody,
    responses((status = 201, description = "The adjustment, lot by lot", body = Adjustment), Problems))]
async fn create_adjustment(
    State(core): State<Core>,
    permit: Permit<MoveStock>,
    create: CreateBody<NewAdjustmentBody>,
) -> Result<Answer> {
    let new = NewAdjustment::parse(create.body)?;
    core.run_once(&create.once, permit.id.0, StatusCode::CREATED, async |tx| {
        service::create(tx, &core, &permit, new).await
    })
    .await
}

/// All adjustments
#[utoipa::path(get, path = "/stock/adjustments", tag = "stock", params(Page),
    responses((status = 200, description = "A page of adjustments", body = Listing<Adjustment>), Problems))]
async fn list_adjustments(
    State(core): State<Core>,
    permit: Permit<ReadStock>,
    Params(page): Params<Page>,
) -> Result<Json<Listing<Adjustment>>> {
    let cursor = page.cursor()?;
    let adjustments = records::adjustments(&mut core.db.snapshot().await?, &permit.scope.points, cursor).await?;
    Ok(Json(Listing::new(adjustments, cursor, |adjustment| adjustment.id.0)))
}

/// One adjustment
#[utoipa::path(get, path = "/stock/adjustments/{id}", tag = "stock", params(("id" = AdjustmentId, Path)),
    responses((status = 200, description = "The adjustment", body = Adjustment), Problems))]
async fn get_adjustment(
    State(core): State<Core>,
    permit: Permit<ReadStock>,
    Id(id): Id<AdjustmentId>,
) -> Result<Json<Adjustment>> {
    service::reachable(&mut core.db.snapshot().await?, &permit, id).await.map(Json)
}
