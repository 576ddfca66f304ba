//! `/areas`: the tree, a new area, one changed, one closed.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use super::list_query::ListQuery;
use crate::db::Conn;
use crate::http::{Core, Error, Form, Frame, Id, Params, Result, see_other, show};
use crate::kernel::ids::AreaId;
use crate::kernel::{Validation, Within};
use crate::people::rights::ManagePlaces;
use crate::people::{Right, Visitor};
use crate::places::area_body::{AreaChange, AreaChangeBody, NewArea, NewAreaBody};
use crate::places::choices::own_area_choices;
use crate::places::lookup::reachable_area;
use crate::places::rules::{may_close, may_rename};
use crate::places::service::areas as service;
use crate::places::store::{self, Relative};
use crate::places::tree::{self, Branch};
use crate::places::{Area, AreaKind};

pub fn router() -> Router<Core> {
    Router::new()
        .route("/areas", get(areas))
        .route("/areas/new", get(new_area).post(create_area))
        .route("/areas/{id}", get(area).post(change_area))
        .route("/areas/{id}/close", get(closing).post(close))
        .route("/areas/{id}/reopen", post(reopen))
}

#[derive(Template)]
#[template(path = "places/areas.html")]
struct AreasPage {
    frame: Frame,
    branches: Vec<Branch>,
    closed: bool,
}

impl AreasPage {
    fn kind(&self, branch: &Branch) -> String {
        self.frame.say(&branch.row.area.kind.say()).to_owned()
    }
}

async fn areas(
    State(core): State<Core>,
    visitor: Visitor<ManagePlaces>,
    Params(query): Params<ListQuery>,
) -> Result<Response> {
    let mut rows = store::all_areas(&mut core.db.read().await?, &visitor.permit.scope.areas).await?;
    let closed = query.closed();
    rows.retain(|row| closed || row.area.ends_on.is_none());
    show(StatusCode::OK, &AreasPage { frame: visitor.frame, branches: tree::tree(rows), closed })
}

#[derive(Template)]
#[template(path = "places/area-new.html")]
struct NewAreaPage {
    frame: Frame,
    form: Form,
    areas: Vec<(String, String)>,
}

impl NewAreaPage {
    /// Kinds to choose from.
    fn kinds(&self) -> Vec<(&'static str, String)> {
        let kinds = [AreaKind::Neighbourhood, AreaKind::Group, AreaKind::Ward];
        kinds.into_iter().map(|kind| (kind.name(), self.frame.say(&kind.say()).to_owned())).collect()
    }
}

#[derive(Deserialize)]
struct NewAreaQuery {
    #[serde(default)]
    parent_id: String,
}

async fn new_area(
    State(core): State<Core>,
    visitor: Visitor<ManagePlaces>,
    Params(query): Params<NewAreaQuery>,
) -> Result<Response> {
    let form = match query.parent_id.parse::<AreaId>() {
        Ok(parent_id) => {
            let parent = reachable_area(&mut core.db.read().await?, &visitor.permit.scope.areas, parent_id).await?;
            let kind = if parent.kind == AreaKind::Ward { AreaKind::Neighbourhood } else { AreaKind::Group };
            Form::fresh(&core).with("parent_id", parent_id).with("kind", kind.name())
        }
        Err(_) => Form::fresh(&core),
    };
    show_new_area(&core, visitor, StatusCode::OK, form.with("starts_on", core.clock.today())).await
}

async fn show_new_area(
    core: &Core,
    visitor: Visitor<ManagePlaces>,
    status: StatusCode,
    form: Form,
) -> Result<Response> {
    let areas = own_area_choices(core, &visitor.permit).await?;
    show(status, &NewAreaPage { frame: visitor.frame, form, areas })
}

async fn create_area(State(core): State<Core>, visitor: Visitor<ManagePlaces>, form: Form) -> Result<Response> {
    let created = async {
        let new = NewArea::parse(&visitor.permit, &core.clock, area_of(&form)?)?;
        core.run_once(&form.once(), visitor.permit.id.0, StatusCode::CREATED, async |tx| {
            service::create(tx, &core.clock, &visitor.permit, new).await
        })
        .await
    };
    match created.await {
        Ok(_) => Ok(see_other("/areas?done=created")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_new_area(&core, visitor, status, form).await
        }
    }
}

fn area_of(form: &Form) -> Result<NewAreaBody> {
    let mut fields = Validation::new();
    let kind = fields.take("kind", form.chosen("kind"));
    let parent_id = fields.take("parent_id", form.text("parent_id").map(|_| form.chosen("parent_id")).transpose());
    let starts_on = fields.take("starts_on", form.day("starts_on"));
    let (kind, parent_id, starts_on) = fields.all((kind, parent_id, starts_on))?;
    Ok(NewAreaBody {
        name: form.value("name").to_owned(),
        kind,
        parent_id,
        code: form.text("code"),
        starts_on: Some(starts_on),
        predecessor_ids: form.all_chosen("predecessor_ids"),
    })
}

#[derive(Template)]
#[template(path = "places/area.html")]
struct AreaPage {
    frame: Frame,
    form: Form,
    area: Area,
    parents: Vec<(String, String)>,
    relatives: Vec<Relative>,
    may_see_households: bool,
    /// Whether it may be put elsewhere.
    may_move: bool,
    /// Whether it may be renamed.
    may_rename: bool,
    /// Whether it may be closed and opened.
    may_close: bool,
}

impl AreaPage {
    fn kind(&self) -> String {
        self.frame.say(&self.area.kind.say()).to_owned()
    }

    fn before(&self) -> impl Iterator<Item = &Relative> {
        self.relatives.iter().filter(|relative| !relative.successor)
    }

    fn after(&self) -> impl Iterator<Item = &Relative> {
        self.relatives.iter().filter(|relative| relative.successor)
    }
}

async fn area(State(core): State<Core>, visitor: Visitor<ManagePlaces>, Id(id): Id<AreaId>) -> Result<Response> {
    let area = reachable_area(&mut core.db.read().await?, &visitor.permit.scope.areas, id).await?;
    let form = Form::fresh(&core)
        .with("name", &area.name)
        .with_some("parent_id", area.parent_id)
        .with_some("code", area.code.as_ref());
    show_area(&core, visitor, StatusCode::OK, form, id).await
}

async fn show_area(
    core: &Core,
    visitor: Visitor<ManagePlaces>,
    status: StatusCode,
    form: Form,
    id: AreaId,
) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let scope = &visitor.permit.scope.areas;
    let area = reachable_area(&mut conn, scope, id).await?;
    let relatives = store::relatives(&mut conn, scope, id).await?;
    let page = AreaPage {
        parents: elsewhere(&mut conn, scope, id).await?,
        may_see_households: visitor.may(Right::ReadHouseholds),
        may_move: !visitor.permit.is_confined(),
        may_rename: may_rename(&visitor.permit, &area),
        may_close: may_close(&visitor.permit, &area),
        frame: visitor.frame,
        form,
        area,
        relatives,
    };
    show(status, &page)
}

/// Open areas of a scope that do not lie in this one.
async fn elsewhere(conn: &mut Conn, scope: &Within<AreaId>, id: AreaId) -> Result<Vec<(String, String)>> {
    let within = store::subtree(conn, id).await?;
    let mut areas = store::open_areas(conn, scope).await?;
    areas.retain(|area| !within.contains(&area.id));
    Ok(tree::choices(areas))
}

async fn change_area(
    State(core): State<Core>,
    visitor: Visitor<ManagePlaces>,
    Id(id): Id<AreaId>,
    form: Form,
) -> Result<Response> {
    let change = AreaChangeBody {
        name: Some(form.value("name").to_owned()),
        parent_id: form.chosen("parent_id").ok(),
        code: Some(form.value("code").to_owned()),
        ..AreaChangeBody::default()
    };
    match change_to(&core, &visitor, id, change).await {
        Ok(_) => Ok(see_other(&format!("/areas/{id}?done=saved"))),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_area(&core, visitor, status, form, id).await
        }
    }
}

async fn change_to(core: &Core, visitor: &Visitor<ManagePlaces>, id: AreaId, body: AreaChangeBody) -> Result<Area> {
    let change = AreaChange::parse(body)?;
    core.run(async |tx| service::change(tx, &core.clock, &visitor.permit, id, change).await).await
}

#[derive(Template)]
#[template(path = "places/area-close.html")]
struct ClosePage {
    frame: Frame,
    form: Form,
    area: Area,
    others: Vec<(String, String)>,
}

async fn closing(State(core): State<Core>, visitor: Visitor<ManagePlaces>, Id(id): Id<AreaId>) -> Result<Response> {
    let form = Form::fresh(&core).with("ends_on", core.clock.today());
    show_closing(&core, visitor, StatusCode::OK, form, id).await
}

async fn show_closing(
    core: &Core,
    visitor: Visitor<ManagePlaces>,
    status: StatusCode,
    form: Form,
    id: AreaId,
) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let scope = &visitor.permit.scope.areas;
    let area = reachable_area(&mut conn, scope, id).await?;
    if !may_close(&visitor.permit, &area) {
        return Err(Error::Forbidden);
    }
    let others = elsewhere(&mut conn, scope, id).await?;
    drop(conn);
    show(status, &ClosePage { frame: visitor.frame, form, area, others })
}

async fn close(
    State(core): State<Core>,
    visitor: Visitor<ManagePlaces>,
    Id(id): Id<AreaId>,
    form: Form,
) -> Result<Response> {
    let changed = async {
        let ends_on = form.day("ends_on").map_err(|wrong| wrong.at("ends_on"))?;
        let successor_ids = form.all_chosen("successor_ids");
        let change = AreaChangeBody { ends_on: Some(Some(ends_on)), successor_ids, ..AreaChangeBody::default() };
        change_to(&core, &visitor, id, change).await
    };
    match changed.await {
        Ok(_) => Ok(see_other("/areas?done=closed")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_closing(&core, visitor, status, form, id).await
        }
    }
}

async fn reopen(State(core): State<Core>, visitor: Visitor<ManagePlaces>, Id(id): Id<AreaId>) -> Result<Response> {
    let change = AreaChangeBody { ends_on: Some(None), ..AreaChangeBody::default() };
    change_to(&core, &visitor, id, change).await?;
    Ok(see_other(&format!("/areas/{id}?done=reopened")))
}
