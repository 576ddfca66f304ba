//! The JSON API of stock takes (kiểm kê): what was counted at a point becomes one adjustment.

use axum::extract::State;
use axum::http::StatusCode;

use crate::http::{Answer, Api, Core, CreateBody, IdempotencyKey, Problems, Result, routes};
use crate::inventory::adjustment::Adjustment;
use crate::inventory::count::{NewCount, NewCountBody};
use crate::inventory::service::counts as service;
use crate::people::Permit;
use crate::people::rights::MoveStock;

/// Stock takes.
pub fn router<A: Api>() -> A {
    A::new().routes(routes!(create_count))
}

/// Book a stock take
///
/// One adjustment brings the books to what was counted; it has no lines when everything was there. 409 `stock_moved`
/// when goods moved since the books were looked at: count those items again.
#[utoipa::path(post, path = "/stock/counts", tag = "stock", params(IdempotencyKey), request_body = NewCountBody,
    responses((status = 201, description = "The adjustment, lot by lot", body = Adjustment), Problems))]
async fn create_count(
    State(core): State<Core>,
    permit: Permit<MoveStock>,
    create: CreateBody<NewCountBody>,
) -> Result<Answer> {
    let count = NewCount::parse(create.body)?;
    core.run_once(&create.once, permit.id.0, StatusCode::CREATED, async |tx| {
        service::create(tx, &core, &permit, count).await
    })
    .await
}
