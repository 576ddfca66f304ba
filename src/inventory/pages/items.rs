//! The pages of items: the table, a new one, correcting one.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use crate::http::{Core, Error, Form, Frame, Id, Params, Result, Rows, Turn, see_other, show};
use crate::inventory::item::{Item, ItemChange, NewItem, NewItemBody};
use crate::inventory::service::items as service;
use crate::inventory::store::catalogue;
use crate::inventory::store::catalogue::{ListedItem, key};
use crate::kernel::Validation;
use crate::kernel::ids::ItemId;
use crate::people::rights::{ReadStock, WriteGoods};
use crate::people::{Right, Visitor};

/// `/items`.
pub fn router() -> Router<Core> {
    Router::new()
        .route("/items", get(items))
        .route("/items/new", get(new_item).post(create_item))
        .route("/items/{id}", get(edit).post(change))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    name: String,
}

#[derive(Template)]
#[template(path = "inventory/items.html")]
struct ItemsPage {
    frame: Frame,
    rows: Rows<ListedItem>,
    filtered: bool,
    may_write: bool,
}

async fn items(
    State(core): State<Core>,
    visitor: Visitor<ReadStock>,
    Params(wanted): Params<ListQuery>,
    Params(turn): Params<Turn>,
) -> Result<Response> {
    let name_key = Some(wanted.name.trim()).filter(|name| !name.is_empty()).map(key);
    let part = (turn.limit(), turn.offset());
    let found = catalogue::listed_items(&mut core.db.read().await?, name_key, part).await?;
    let page = ItemsPage {
        rows: Rows::new(found, &turn, None),
        filtered: visitor.frame.here.contains('='),
        may_write: visitor.may(Right::WriteGoods),
        frame: visitor.frame,
    };
    show(StatusCode::OK, &page)
}

#[derive(Template)]
#[template(path = "inventory/item-form.html")]
struct ItemFormPage {
    frame: Frame,
    form: Form,
    /// The item that is corrected; nothing: a new one.
    item: Option<Item>,
}

impl ItemFormPage {
    fn finenesses(&self) -> [(&'static str, &'static str); 4] {
        [
            ("0", self.frame.t("Số nguyên: 12 chai", "Whole: 12 bottles")),
            ("1", self.frame.t("Một chữ số lẻ: 1,5 lít", "One decimal: 1,5 litres")),
            ("2", self.frame.t("Hai chữ số lẻ: 1,25 m", "Two decimals: 1,25 m")),
            ("3", self.frame.t("Ba chữ số lẻ: 12,125 kg (đến gam)", "Three decimals: 12,125 kg (to the gram)")),
        ]
    }
}

async fn new_item(State(core): State<Core>, visitor: Visitor<WriteGoods>) -> Result<Response> {
    let form = Form::fresh(&core).with("decimals", 0);
    show(StatusCode::OK, &ItemFormPage { frame: visitor.frame, form, item: None })
}

/// The low level that was typed, in the smallest unit.
fn low_stock(form: &Form, fields: &mut Validation, decimals: i64) -> Option<i64> {
    form.text("low_stock")?;
    let decimals = u8::try_from(decimals.clamp(0, 6)).unwrap_or(0);
    fields.take("low_stock", form.quantity("low_stock", decimals)).map(|low| low.0)
}

fn body_of(form: &Form) -> Result<NewItemBody> {
    let mut fields = Validation::new();
    let decimals = fields.take("decimals", form.int("decimals"));
    let low_stock = low_stock(form, &mut fields, decimals.unwrap_or(0));
    let (decimals,) = fields.all((decimals,))?;
    let (name, unit) = (form.value("name").to_owned(), form.value("unit").to_owned());
    Ok(NewItemBody { name, unit, decimals, perishable: form.ticked("perishable"), low_stock })
}

async fn create_item(State(core): State<Core>, visitor: Visitor<WriteGoods>, form: Form) -> Result<Response> {
    let created = async {
        let new = NewItem::parse(body_of(&form)?)?;
        core.run_once(&form.once(), visitor.permit.id.0, StatusCode::CREATED, async |tx| {
            service::create(tx, &core.clock, &visitor.permit, new).await
        })
        .await
    };
    match created.await {
        Ok(_) => Ok(see_other("/items?done=created")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show(status, &ItemFormPage { frame: visitor.frame, form, item: None })
        }
    }
}

async fn edit(State(core): State<Core>, visitor: Visitor<WriteGoods>, Id(id): Id<ItemId>) -> Result<Response> {
    let item = catalogue::item(&mut core.db.read().await?, id).await?.ok_or(Error::NotFound)?;
    let decimals = u8::try_from(item.decimals).unwrap_or(0);
    let form = Form::fresh(&core)
        .with("name", &item.name)
        .with("unit", &item.unit)
        .with_some("perishable", Some("yes").filter(|_| item.perishable))
        .with_some("low_stock", item.low_stock.map(|low| low.in_unit(decimals)));
    show(StatusCode::OK, &ItemFormPage { frame: visitor.frame, form, item: Some(item) })
}

fn change_of(form: &Form, item: &Item) -> Result<ItemChange> {
    let mut fields = Validation::new();
    let low_stock = low_stock(form, &mut fields, item.decimals);
    fields.finish()?;
    Ok(ItemChange {
        name: Some(form.value("name").to_owned()),
        unit: Some(form.value("unit").to_owned()),
        perishable: Some(form.ticked("perishable")),
        low_stock: Some(low_stock),
    })
}

async fn change(
    State(core): State<Core>,
    visitor: Visitor<WriteGoods>,
    Id(id): Id<ItemId>,
    form: Form,
) -> Result<Response> {
    let item = catalogue::item(&mut core.db.read().await?, id).await?.ok_or(Error::NotFound)?;
    let changed = async {
        let change = change_of(&form, &item)?;
        core.run(async |tx| service::change(tx, &core.clock, &visitor.permit, id, change).await).await
    };
    match changed.await {
        Ok(_) => Ok(see_other("/items?done=saved")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show(status, &ItemFormPage { frame: visitor.frame, form, item: Some(item) })
        }
    }
}
