//! The JSON API of items.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::http::{
    Answer, Api, Body, Core, CreateBody, Error, Id, IdempotencyKey, Listing, Page, Params, Problems, Result, routes,
};
use crate::inventory::item::{Item, ItemChange, NewItem, NewItemBody};
use crate::inventory::service::items as service;
use crate::inventory::store::catalogue;
use crate::kernel::ids::ItemId;
use crate::people::rights::{ReadPlans, WriteGoods};
use crate::people::{Caller, Permit};

/// Items.
pub fn router<A: Api>() -> A {
    A::new().routes(routes!(create_item, list_items)).routes(routes!(get_item, change_item))
}

/// Register an item
#[utoipa::path(post, path = "/items", tag = "goods", params(IdempotencyKey), request_body = NewItemBody,
    responses((status = 201, description = "The item", body = Item), Problems))]
async fn create_item(
    State(core): State<Core>,
    permit: Permit<WriteGoods>,
    create: CreateBody<NewItemBody>,
) -> Result<Answer> {
    let new = NewItem::parse(create.body)?;
    core.run_once(&create.once, permit.id.0, StatusCode::CREATED, async |tx| {
        service::create(tx, &core.clock, &permit, new).await
    })
    .await
}

/// All items
#[utoipa::path(get, path = "/items", tag = "goods", params(Page),
    responses((status = 200, description = "A page of items", body = Listing<Item>), Problems))]
async fn list_items(
    State(core): State<Core>,
    _permit: Permit<ReadPlans, Caller>,
    Params(page): Params<Page>,
) -> Result<Json<Listing<Item>>> {
    let cursor = page.cursor()?;
    let items = catalogue::items(&mut core.db.read().await?, cursor).await?;
    Ok(Json(Listing::new(items, cursor, |item| item.id.0)))
}

/// One item
#[utoipa::path(get, path = "/items/{id}", tag = "goods", params(("id" = ItemId, Path)),
    responses((status = 200, description = "The item", body = Item), Problems))]
async fn get_item(
    State(core): State<Core>,
    _permit: Permit<ReadPlans, Caller>,
    Id(id): Id<ItemId>,
) -> Result<Json<Item>> {
    catalogue::item(&mut core.db.read().await?, id).await?.map(Json).ok_or(Error::NotFound)
}

/// Correct an item
#[utoipa::path(patch, path = "/items/{id}", tag = "goods", params(("id" = ItemId, Path)), request_body = ItemChange,
    responses((status = 200, description = "The item as it is now", body = Item), Problems))]
async fn change_item(
    State(core): State<Core>,
    permit: Permit<WriteGoods>,
    Id(id): Id<ItemId>,
    Body(change): Body<ItemChange>,
) -> Result<Json<Item>> {
    core.run(async |tx| service::change(tx, &core.clock, &permit, id, change).await).await.map(Json)
}
