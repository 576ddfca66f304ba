//! The JSON API of transfers (chuyển kho).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::http::{Answer, Api, Core, CreateBody, Id, IdempotencyKey, Listing, Page, Params, Problems, Result, routes};
use crate::inventory::service::transfers as service;
use crate::inventory::store::records;
use crate::inventory::transfer::{NewTransfer, NewTransferBody, Transfer};
use crate::kernel::ids::TransferId;
use crate::people::Permit;
use crate::people::rights::{MoveStock, ReadStock};

/// Transfers.
pub fn router<A: Api>() -> A {
    A::new().routes(routes!(create_transfer, list_transfers)).routes(routes!(get_transfer))
}

/// Transfer goods between two points
#[utoipa::path(post, path = "/stock/transfers", tag = "stock", params(IdempotencyKey), request_body = NewTransferBody,
    responses((status = 201, description = "The transfer, lot by lot", body = Transfer), Problems))]
async fn create_transfer(
    State(core): State<Core>,
    permit: Permit<MoveStock>,
    create: CreateBody<NewTransferBody>,
) -> Result<Answer> {
    let new = NewTransfer::parse(create.body)?;
    core.run_once(&create.once, permit.id.0, StatusCode::CREATED, async |tx| {
        service::create(tx, &core, &permit, new).await
    })
    .await
}

/// All transfers
#[utoipa::path(get, path = "/stock/transfers", tag = "stock", params(Page),
    responses((status = 200, description = "A page of transfers", body = Listing<Transfer>), Problems))]
async fn list_transfers(
    State(core): State<Core>,
    permit: Permit<ReadStock>,
    Params(page): Params<Page>,
) -> Result<Json<Listing<Transfer>>> {
    let cursor = page.cursor()?;
    let transfers = records::transfers(&mut core.db.snapshot().await?, &permit.scope.points, cursor).await?;
    Ok(Json(Listing::new(transfers, cursor, |transfer| transfer.id.0)))
}

/// One transfer
#[utoipa::path(get, path = "/stock/transfers/{id}", tag = "stock", params(("id" = TransferId, Path)),
    responses((status = 200, description = "The transfer", body = Transfer), Problems))]
async fn get_transfer(
    State(core): State<Core>,
    permit: Permit<ReadStock>,
    Id(id): Id<TransferId>,
) -> Result<Json<Transfer>> {
    service::reachable(&mut core.db.snapshot().await?, &permit, id).await.map(Json)
}
