//! The JSON API of items.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use crate::http::{
    Answer, Api, Body, Claim, Core, CreateBody, Error, Id, Listing, Page, Params, Problems, Result, given, routes,
};
use crate::inventory::item::{Item, parse_unit};
use crate::inventory::store::catalogue;
use crate::inventory::store::catalogue::NewItem;
use crate::kernel::ids::ItemId;
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::clean;
use crate::kernel::{Message, Quantity, Validation};
use crate::people::audit::{self, Act};
use crate::people::rights::{ReadPlans, WriteGoods};
use crate::people::{Caller, Permit};
use crate::places::parse_name;

/// Items.
pub fn router<A: Api>() -> A {
    A::new().routes(routes!(create_item, list_items)).routes(routes!(get_item, change_item))
}

/// An item to register.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "Gạo", "unit": "kg", "decimals": 3, "perishable": false, "low_stock": 50_000}))]
pub(crate) struct NewItemBody {
    /// 1 to 200 characters.
    pub(crate) name: String,
    /// 1 to 30 characters.
    pub(crate) unit: String,
    /// Digits after the comma, 0 to 6; 0 when left out.
    #[serde(default)]
    pub(crate) decimals: i64,
    /// Whether it spoils within days.
    #[serde(default)]
    pub(crate) perishable: bool,
    /// At or below this quantity, in the smallest unit, a point's stock is low.
    pub(crate) low_stock: Option<i64>,
}

impl NewItemBody {
    fn check(self) -> Result<NewItem> {
        let mut fields = Validation::new();
        let name = fields.take("name", parse_name(&clean(&self.name)));
        let unit = fields.take("unit", parse_unit(&self.unit));
        fields.check("decimals", (0..=6).contains(&self.decimals), || {
            Invalid::fixed(
                "out_of_range",
                "Số chữ số sau dấu phẩy từ 0 đến 6 (kg tính đến gam là 3).",
                "Digits after the comma are from 0 to 6 (3 for kg counted to the gram).",
            )
        });
        let low_stock =
            fields.take_optional("low_stock", self.low_stock.filter(|low| *low != 0), Quantity::parse_positive);
        fields.finish()?;
        Ok(NewItem {
            name: name.unwrap_or_default(),
            unit: unit.unwrap_or_default(),
            decimals: self.decimals,
            perishable: self.perishable,
            low_stock: low_stock.or(self.low_stock.map(Quantity)),
        })
    }
}

/// Register an item
#[utoipa::path(post, path = "/items", tag = "goods", request_body = NewItemBody,
    responses((status = 201, description = "The item", body = Item), Problems))]
pub(crate) async fn create_item(
    State(core): State<Core>,
    permit: Permit<WriteGoods>,
    create: CreateBody<NewItemBody>,
) -> Result<Answer> {
    let CreateBody { body, once } = create;
    let new = body.check()?;
    let mut tx = match once.begin(&core, permit.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    let (name, unit) = (new.name.clone(), new.unit.clone());
    let Some(item) = catalogue::insert_item(&mut tx, &core.clock, new).await? else {
        let known = catalogue::item_named(&mut tx, &name, &unit).await?;
        return Err(already_there(known.map_or_else(String::new, |item| item.id.to_string())));
    };
    audit::append(&mut tx, &core.clock, permit.actor(), Act::on("create", "item", item.id.0)).await?;
    once.finish(&core, tx, permit.id.0, StatusCode::CREATED, &item).await
}

fn already_there(id: String) -> Error {
    let say = Message::new(
        format!("Đã có mặt hàng cùng tên và đơn vị tính (id {id}). Hãy dùng mặt hàng đó."),
        format!("An item with this name and unit is there already (id {id}). Use that one."),
    );
    Error::Conflict { code: "item_exists", say }
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

/// What changes about an item; what is left out stays. Its decimals stay for good: quantities are counted by them.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "Gạo tẻ", "low_stock": 100_000}))]
pub(crate) struct ItemChange {
    /// The new name.
    pub(crate) name: Option<String>,
    /// The new unit's name. Quantities are not converted.
    pub(crate) unit: Option<String>,
    /// Whether it spoils within days.
    pub(crate) perishable: Option<bool>,
    /// At or below this quantity, in the smallest unit, a point's stock is low; null: nobody watches it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    pub(crate) low_stock: Option<Option<i64>>,
}

/// Correct an item
#[utoipa::path(patch, path = "/items/{id}", tag = "goods", params(("id" = ItemId, Path)), request_body = ItemChange,
    responses((status = 200, description = "The item as it is now", body = Item), Problems))]
pub(crate) async fn change_item(
    State(core): State<Core>,
    permit: Permit<WriteGoods>,
    Id(id): Id<ItemId>,
    Body(change): Body<ItemChange>,
) -> Result<Json<Item>> {
    let mut tx = core.db.begin().await?;
    let before = catalogue::item(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let body = NewItemBody {
        name: change.name.unwrap_or(before.name),
        unit: change.unit.unwrap_or(before.unit),
        decimals: before.decimals,
        perishable: change.perishable.unwrap_or(before.perishable),
        low_stock: change.low_stock.unwrap_or(before.low_stock.map(|low| low.0)),
    };
    let state = body.check()?;
    let (name, unit) = (state.name.clone(), state.unit.clone());
    if let Some(other) = catalogue::item_named(&mut tx, &name, &unit).await?.filter(|other| other.id != id) {
        return Err(already_there(other.id.to_string()));
    }
    catalogue::update_item(&mut tx, id, state).await?;
    audit::append(&mut tx, &core.clock, permit.actor(), Act::on("update", "item", id.0)).await?;
    let item = catalogue::item(&mut tx, id).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    Ok(Json(item))
}
