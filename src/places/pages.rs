//! The pages of distribution points and warehouses.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::PointKind;
use super::api::{self, NewPointBody};
use super::store::{self, ListedPoint};
use crate::kernel::Fields;
use crate::people::{Right, Visitor};
use crate::web::{Core, Create, Form, Frame, Params, Result, Rows, Turn, see_other, show};

/// `/points`.
pub fn router() -> Router<Core> {
    Router::new().route("/points", get(points)).route("/points/new", get(new_point).post(create_point))
}

#[derive(Template)]
#[template(path = "places/points.html")]
struct PointsPage {
    frame: Frame,
    rows: Rows<ListedPoint>,
}

impl PointsPage {
    fn kind(&self, point: &ListedPoint) -> &'static str {
        match point.kind.as_str() {
            "warehouse" => self.frame.t("Kho", "Warehouse"),
            _ => self.frame.t("Điểm phát quà", "Distribution point"),
        }
    }
}

async fn points(State(core): State<Core>, visitor: Visitor, Params(turn): Params<Turn>) -> Result<Response> {
    visitor.require(Right::ManagePlaces)?;
    let found = store::listed_points(&mut core.db.read().await?, turn.limit(), turn.offset()).await?;
    show(StatusCode::OK, &PointsPage { frame: visitor.frame, rows: Rows::new(found, &turn, None) })
}

#[derive(Template)]
#[template(path = "places/point-new.html")]
struct NewPointPage {
    frame: Frame,
    form: Form,
    areas: Vec<(String, String)>,
}

impl NewPointPage {
    fn kinds(&self) -> [(&'static str, &'static str); 2] {
        [
            ("distribution", self.frame.t("Điểm phát quà: người dân đến nhận", "Distribution point: people come here")),
            ("warehouse", self.frame.t("Kho: chỉ cất hàng", "Warehouse: goods are only kept here")),
        ]
    }
}

async fn new_point(State(core): State<Core>, visitor: Visitor) -> Result<Response> {
    visitor.require(Right::ManagePlaces)?;
    let form = Form::fresh(&core).with("kind", PointKind::Distribution.name()).with("desks", 1);
    show_new_point(&core, visitor, StatusCode::OK, form).await
}

async fn show_new_point(core: &Core, visitor: Visitor, status: StatusCode, form: Form) -> Result<Response> {
    let areas = area_choices(core).await?;
    show(status, &NewPointPage { frame: visitor.frame, form, areas })
}

/// Areas to choose from: value and label.
async fn area_choices(core: &Core) -> Result<Vec<(String, String)>> {
    let areas = store::open_areas(&mut core.db.read().await?).await?;
    Ok(areas.into_iter().map(|area| (area.id.to_string(), area.name)).collect())
}

async fn create_point(State(core): State<Core>, visitor: Visitor, form: Form) -> Result<Response> {
    visitor.require(Right::ManagePlaces)?;
    let created = match point_of(&form) {
        Ok(body) => {
            let create = Create { body, once: form.once() };
            api::create_point(State(core.clone()), visitor.staff.clone(), create).await
        }
        Err(error) => Err(error),
    };
    match created {
        Ok(_) => Ok(see_other("/points?done=created")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_new_point(&core, visitor, status, form).await
        }
    }
}

fn point_of(form: &Form) -> Result<NewPointBody> {
    let mut fields = Fields::new();
    let kind = fields.take("kind", form.chosen("kind"));
    let area_id = fields.take("area_id", form.chosen("area_id"));
    let desks = fields.take("desks", form.int("desks"));
    let (Some(kind), Some(area_id), Some(desks)) = (kind, area_id, desks) else {
        return Err(fields.into_errors().into());
    };
    let (name, address) = (form.value("name").to_owned(), form.text("address"));
    Ok(NewPointBody { name, kind, area_id, address, desks: Some(desks) })
}
