//! The pages of packages: the table with how many the stock still makes, and a new one.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use crate::http::{Core, Form, Frame, PAGE_ROWS, Params, Result, Rows, Turn, at_rows, see_other, show};
use crate::inventory::choices::{Choice, name_of};
use crate::inventory::level::{Makings, Possible};
use crate::inventory::package::{NewPackage, NewPackageBody, NewPackageItem, Package, PackageItem};
use crate::inventory::service::packages as service;
use crate::inventory::store::catalogue::{items_by_name, packages_by_age};
use crate::inventory::{Item, choices, quantities};
use crate::kernel::{Quantity, Validation};
use crate::people::rights::{ReadStock, WriteGoods};
use crate::people::{Right, Visitor};

/// `/packages`.
pub fn router() -> Router<Core> {
    Router::new().route("/packages", get(packages)).route("/packages/new", get(new_package).post(create_package))
}

/// A package with how many of it each point still makes.
#[derive(Debug)]
struct Row {
    package: Package,
    possible: Vec<Possible>,
}

#[derive(Template)]
#[template(path = "inventory/packages.html")]
struct PackagesPage {
    frame: Frame,
    rows: Rows<Row>,
    points: Vec<Choice>,
    may_write: bool,
}

impl PackagesPage {
    /// `10 kg Gạo`.
    fn content(&self, item: &PackageItem) -> String {
        format!("{} {} {}", self.frame.amount(&item.quantity, item.decimals), item.unit, item.name)
    }

    fn point(&self, possible: &Possible) -> &str {
        name_of(&self.points, &possible.point_id.to_string())
    }

    /// The item of a package that runs out first at a point.
    fn scarcest<'a>(&self, row: &'a Row, possible: &Possible) -> &'a str {
        let scarce = row.package.items.iter().find(|item| Some(item.item_id) == possible.scarcest_item_id);
        scarce.map_or("", |item| item.name.as_str())
    }
}

async fn packages(
    State(core): State<Core>,
    visitor: Visitor<ReadStock>,
    Params(turn): Params<Turn>,
) -> Result<Response> {
    let mut conn = core.db.snapshot().await?;
    let points = &visitor.permit.scope.points;
    let makings = Makings::of(&mut conn, &core.clock, points, None).await?;
    let (skipped, shown) = (turn.offset(), PAGE_ROWS + 1);
    let rows = packages_by_age(&mut conn)
        .await?
        .into_iter()
        .skip(usize::try_from(skipped).unwrap_or(usize::MAX))
        .take(usize::try_from(shown).unwrap_or(usize::MAX))
        .map(|package| Row { possible: makings.possible(&package), package });
    let page = PackagesPage {
        rows: Rows::new(rows.collect(), &turn, None),
        points: choices::all_places(&mut conn, points).await?,
        may_write: visitor.may(Right::WriteGoods),
        frame: visitor.frame,
    };
    show(StatusCode::OK, &page)
}

#[derive(Template)]
#[template(path = "inventory/package-new.html")]
struct NewPackagePage {
    frame: Frame,
    form: Form,
    items: Vec<Choice>,
}

impl NewPackagePage {
    fn rows(&self) -> std::ops::Range<usize> {
        0..self.form.rows("items")
    }
}

async fn new_package(State(core): State<Core>, visitor: Visitor<WriteGoods>) -> Result<Response> {
    let form = Form::fresh(&core).with("items[0].item_id", "").with("items[1].item_id", "");
    show_new_package(&core, visitor, StatusCode::OK, form).await
}

async fn show_new_package(
    core: &Core,
    visitor: Visitor<WriteGoods>,
    status: StatusCode,
    form: Form,
) -> Result<Response> {
    let items = choices::items(&mut core.db.read().await?).await?;
    show(status, &NewPackagePage { frame: visitor.frame, form, items })
}

fn body_of(form: &Form, rows: &[usize], items: &[Item]) -> Result<NewPackageBody> {
    let mut fields = Validation::new();
    let value = fields.take("value", form.dong("value"));
    let contents = quantities::quantities(form, &mut fields, ("items", "quantity"), rows, items);
    let (value,) = fields.all((value,))?;
    let item = |(item_id, quantity): (_, Quantity)| NewPackageItem { item_id, quantity: quantity.0 };
    let items = contents.into_iter().map(item).collect();
    Ok(NewPackageBody { name: form.value("name").to_owned(), value: value.0, items })
}

async fn create_package(State(core): State<Core>, visitor: Visitor<WriteGoods>, form: Form) -> Result<Response> {
    if let Some(form) = form.rows_changed("items") {
        return show_new_package(&core, visitor, StatusCode::OK, form).await;
    }
    let rows = form.filled_rows("items", &["item_id", "quantity"]);
    let items = items_by_name(&mut core.db.read().await?).await?;
    // The body holds the filled rows only.
    let at = |error| at_rows(error, "items", &rows);
    let created = async {
        let new = NewPackage::parse(body_of(&form, &rows, &items)?).map_err(at)?;
        core.run_once(&form.once(), visitor.permit.id.0, StatusCode::CREATED, async |tx| {
            service::create(tx, &core.clock, &visitor.permit, new).await
        })
        .await
        .map_err(at)
    };
    match created.await {
        Ok(_) => Ok(see_other("/packages?done=created")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_new_package(&core, visitor, status, form).await
        }
    }
}
