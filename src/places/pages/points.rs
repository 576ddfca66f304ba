//! `/points`: the list, a new one, one changed, one closed.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};

use super::first_setup::FirstSetup;
use super::list_query::ListQuery;
use crate::http::{Core, Form, Frame, Id, Params, Result, Rows, see_other, show};
use crate::kernel::Validation;
use crate::kernel::ids::PointId;
use crate::people::rights::ManagePlaces;
use crate::people::{Right, Staff, Visitor};
use crate::places::choices::own_area_choices;
use crate::places::lookup::reachable_point;
use crate::places::point_body::{NewPoint, NewPointBody, PointChange, PointChangeBody};
use crate::places::service::points as service;
use crate::places::store::{self, ListedPoint, PointUse};
use crate::places::{Point, PointKind};

pub fn router() -> Router<Core> {
    Router::new()
        .route("/points", get(points))
        .route("/points/new", get(new_point).post(create_point))
        .route("/points/{id}", get(point).post(change_point))
        .route("/points/{id}/close", get(closing).post(close))
        .route("/points/{id}/reopen", post(reopen))
}

#[derive(Template)]
#[template(path = "places/points.html")]
struct PointsPage {
    frame: Frame,
    rows: Rows<ListedPoint>,
    closed: bool,
}

impl PointsPage {
    fn kind(&self, point: &ListedPoint) -> String {
        self.frame.say(&point.kind.say()).to_owned()
    }
}

async fn points(
    State(core): State<Core>,
    visitor: Visitor<ManagePlaces>,
    Params(query): Params<ListQuery>,
) -> Result<Response> {
    let (turn, closed) = (&query.turn, query.closed());
    let found = store::listed_points(
        &mut core.db.read().await?,
        &visitor.permit.scope.points,
        closed,
        turn.limit(),
        turn.offset(),
    )
    .await?;
    show(StatusCode::OK, &PointsPage { frame: visitor.frame, rows: Rows::new(found, turn, None), closed })
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

async fn new_point(
    State(core): State<Core>,
    visitor: Visitor<ManagePlaces>,
    Params(setup): Params<FirstSetup>,
) -> Result<Response> {
    let form = Form::fresh(&core).with("kind", PointKind::Distribution).with("desks", 1);
    let form = form.with_some("start", setup.start());
    show_new_point(&core, visitor, StatusCode::OK, form).await
}

async fn show_new_point(
    core: &Core,
    visitor: Visitor<ManagePlaces>,
    status: StatusCode,
    form: Form,
) -> Result<Response> {
    let areas = own_area_choices(core, &visitor.permit).await?;
    show(status, &NewPointPage { frame: visitor.frame, form, areas })
}

async fn create_point(State(core): State<Core>, visitor: Visitor<ManagePlaces>, form: Form) -> Result<Response> {
    let created = async {
        let new = NewPoint::parse(&visitor.permit, point_of(&form)?)?;
        core.run_once(&form.once(), visitor.permit.id.0, StatusCode::CREATED, async |tx| {
            service::create(tx, &core.clock, &visitor.permit, new).await
        })
        .await
    };
    match created.await {
        Ok(_) => Ok(see_other(match (form.value("start"), form.value("step")) {
            ("1", "another") => "/points/new?start=1&done=created",
            ("1", _) => "/start/phones?done=created",
            (_, "another") => "/points/new?done=created",
            _ => "/points?done=created",
        })),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_new_point(&core, visitor, status, form).await
        }
    }
}

fn point_of(form: &Form) -> Result<NewPointBody> {
    let mut fields = Validation::new();
    let kind = fields.take("kind", form.chosen("kind"));
    let area_id = fields.take("area_id", form.chosen("area_id"));
    let desks = fields.take("desks", form.int("desks"));
    let (kind, area_id, desks) = fields.all((kind, area_id, desks))?;
    let (name, address) = (form.value("name").to_owned(), form.text("address"));
    Ok(NewPointBody { name, kind, area_id, address, desks: Some(desks) })
}

#[derive(Template)]
#[template(path = "places/point.html")]
struct PointPage {
    frame: Frame,
    form: Form,
    point: Point,
    areas: Vec<(String, String)>,
    may_see_stock: bool,
}

impl PointPage {
    fn kind(&self) -> String {
        self.frame.say(&self.point.kind.say()).to_owned()
    }
}

async fn point(State(core): State<Core>, visitor: Visitor<ManagePlaces>, Id(id): Id<PointId>) -> Result<Response> {
    let point = stored(&core, &visitor.permit, id).await?;
    let form = Form::fresh(&core)
        .with("name", &point.name)
        .with("area_id", point.area_id)
        .with("address", &point.address)
        .with("desks", point.desks);
    show_point(&core, visitor, StatusCode::OK, form, point).await
}

async fn stored(core: &Core, staff: &Staff, id: PointId) -> Result<Point> {
    reachable_point(&mut core.db.read().await?, &staff.scope.points, id).await
}

async fn show_point(
    core: &Core,
    visitor: Visitor<ManagePlaces>,
    status: StatusCode,
    form: Form,
    point: Point,
) -> Result<Response> {
    let areas = own_area_choices(core, &visitor.permit).await?;
    let may_see_stock = visitor.may(Right::ReadStock);
    show(status, &PointPage { frame: visitor.frame, form, point, areas, may_see_stock })
}

async fn change_point(
    State(core): State<Core>,
    visitor: Visitor<ManagePlaces>,
    Id(id): Id<PointId>,
    form: Form,
) -> Result<Response> {
    let changed = async { change_to(&core, &visitor, id, change_of(&form)?).await };
    match changed.await {
        Ok(_) => Ok(see_other(&format!("/points/{id}?done=saved"))),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            let point = stored(&core, &visitor.permit, id).await?;
            show_point(&core, visitor, status, form, point).await
        }
    }
}

async fn change_to(core: &Core, visitor: &Visitor<ManagePlaces>, id: PointId, body: PointChangeBody) -> Result<Point> {
    let change = PointChange::parse(body)?;
    core.run(async |tx| service::change(tx, core, &visitor.permit, id, change).await).await
}

fn change_of(form: &Form) -> Result<PointChangeBody> {
    let mut fields = Validation::new();
    let area_id = fields.take("area_id", form.chosen("area_id"));
    let desks = fields.take("desks", form.int("desks"));
    let (area_id, desks) = fields.all((area_id, desks))?;
    let (name, address) = (form.value("name").to_owned(), form.value("address").to_owned());
    Ok(PointChangeBody {
        name: Some(name),
        area_id: Some(area_id),
        address: Some(address),
        desks: Some(desks),
        closed: None,
    })
}

#[derive(Template)]
#[template(path = "places/point-close.html")]
struct ClosePage {
    frame: Frame,
    form: Form,
    point: Point,
    used: PointUse,
}

async fn closing(State(core): State<Core>, visitor: Visitor<ManagePlaces>, Id(id): Id<PointId>) -> Result<Response> {
    let form = Form::fresh(&core);
    show_closing(&core, visitor, StatusCode::OK, form, id).await
}

async fn show_closing(
    core: &Core,
    visitor: Visitor<ManagePlaces>,
    status: StatusCode,
    form: Form,
    id: PointId,
) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let point = reachable_point(&mut conn, &visitor.permit.scope.points, id).await?;
    let used = store::point_use(&mut conn, id).await?;
    show(status, &ClosePage { frame: visitor.frame, form, point, used })
}

async fn close(
    State(core): State<Core>,
    visitor: Visitor<ManagePlaces>,
    Id(id): Id<PointId>,
    form: Form,
) -> Result<Response> {
    let change = PointChangeBody { closed: Some(true), ..PointChangeBody::default() };
    match change_to(&core, &visitor, id, change).await {
        Ok(_) => Ok(see_other("/points?done=closed")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_closing(&core, visitor, status, form, id).await
        }
    }
}

async fn reopen(State(core): State<Core>, visitor: Visitor<ManagePlaces>, Id(id): Id<PointId>) -> Result<Response> {
    let change = PointChangeBody { closed: Some(false), ..PointChangeBody::default() };
    change_to(&core, &visitor, id, change).await?;
    Ok(see_other(&format!("/points/{id}?done=reopened")))
}
