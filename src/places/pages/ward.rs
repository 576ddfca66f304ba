//! `/start/ward`: the first question after the first administrator, the ward's name.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use crate::http::{Core, Form, Frame, Result, see_other, show};
use crate::people::rights::ManagePlaces;
use crate::people::{Permit, Visitor};
use crate::places::area_body::{AreaChange, AreaChangeBody, NewArea, NewAreaBody};
use crate::places::service::areas as service;
use crate::places::{Area, AreaKind, store};

pub fn router() -> Router<Core> {
    Router::new().route("/start/ward", get(ask).post(name))
}

#[derive(Template)]
#[template(path = "places/ward.html")]
struct WardPage {
    frame: Frame,
    form: Form,
}

/// The ward, when it is named already.
async fn ward(core: &Core, permit: &Permit<ManagePlaces>) -> Result<Option<Area>> {
    let areas = store::open_areas(&mut core.db.read().await?, &permit.scope.areas).await?;
    Ok(areas.into_iter().find(|area| area.kind == AreaKind::Ward))
}

async fn ask(State(core): State<Core>, visitor: Visitor<ManagePlaces>) -> Result<Response> {
    visitor.permit.require_unconfined()?;
    let form = Form::fresh(&core).with_some("name", ward(&core, &visitor.permit).await?.map(|area| area.name));
    show(StatusCode::OK, &WardPage { frame: visitor.frame, form })
}

async fn name(State(core): State<Core>, visitor: Visitor<ManagePlaces>, form: Form) -> Result<Response> {
    visitor.permit.require_unconfined()?;
    match name_ward(&core, &visitor.permit, &form).await {
        Ok(()) => Ok(see_other("/areas/paste?start=1")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show(status, &WardPage { frame: visitor.frame, form })
        }
    }
}

async fn name_ward(core: &Core, permit: &Permit<ManagePlaces>, form: &Form) -> Result<()> {
    let name = form.value("name").to_owned();
    if let Some(area) = ward(core, permit).await? {
        let change = AreaChange::parse(AreaChangeBody { name: Some(name), ..AreaChangeBody::default() })?;
        core.run(async |tx| service::change(tx, &core.clock, permit, area.id, change).await).await?;
        return Ok(());
    }
    let body = NewAreaBody {
        name,
        kind: AreaKind::Ward,
        parent_id: None,
        code: None,
        starts_on: None,
        predecessor_ids: Vec::new(),
    };
    let new = NewArea::parse(permit, &core.clock, body)?;
    core.run_once(&form.once(), permit.id.0, StatusCode::CREATED, async |tx| {
        service::create(tx, &core.clock, permit, new).await
    })
    .await?;
    Ok(())
}
