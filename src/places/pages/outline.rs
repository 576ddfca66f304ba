//! `/areas/paste`: many areas at once, from a pasted list or a file; read, looked at, then made.

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};

use super::first_setup::FirstSetup;
use crate::http::{Core, Form, Frame, Params, Result, Upload, see_other, show};
use crate::imports::sandbox;
use crate::people::Visitor;
use crate::people::rights::ManagePlaces;
use crate::places::choices::own_area_choices;
use crate::places::outline_body::{NewAreas, OutlineAnswer, OutlineArea, OutlineBody};
use crate::places::service::outline as service;
use crate::places::{AreaKind, outline, store};
use crate::spreadsheet::Workbook;

pub fn router() -> Router<Core> {
    Router::new()
        .route("/areas/paste", get(empty).post(paste))
        .route("/areas/paste/file", post(file).layer(DefaultBodyLimit::disable()))
}

#[derive(Template)]
#[template(path = "places/areas-paste.html")]
struct PastePage {
    frame: Frame,
    form: Form,
    areas: Vec<(String, String)>,
    read: Option<OutlineAnswer>,
}

impl PastePage {
    fn kind(&self, area: &OutlineArea) -> String {
        self.frame.say(&area.kind.say()).to_owned()
    }
}

async fn empty(
    State(core): State<Core>,
    visitor: Visitor<ManagePlaces>,
    Params(setup): Params<FirstSetup>,
) -> Result<Response> {
    let form = fresh(&core, &visitor).await?.with_some("start", setup.start());
    show_paste(&core, visitor, StatusCode::OK, form, None).await
}

/// The only ward there is stands above all, or a login's own area, until somebody chooses otherwise.
async fn fresh(core: &Core, visitor: &Visitor<ManagePlaces>) -> Result<Form> {
    if let Some(own) = visitor.permit.area_id {
        return Ok(Form::fresh(core).with("parent_id", own));
    }
    let areas = store::open_areas(&mut core.db.read().await?, &visitor.permit.scope.areas).await?;
    let mut wards = areas.iter().filter(|area| area.kind == AreaKind::Ward);
    let ward = wards.next().filter(|_| wards.next().is_none());
    Ok(Form::fresh(core).with_some("parent_id", ward.map(|area| area.id)))
}

async fn show_paste(
    core: &Core,
    visitor: Visitor<ManagePlaces>,
    status: StatusCode,
    form: Form,
    read: Option<OutlineAnswer>,
) -> Result<Response> {
    let areas = own_area_choices(core, &visitor.permit).await?;
    show(status, &PastePage { frame: visitor.frame, form, areas, read })
}

async fn paste(State(core): State<Core>, visitor: Visitor<ManagePlaces>, form: Form) -> Result<Response> {
    if form.value("step") != "make" {
        return look(core, visitor, form).await;
    }
    let made = async {
        let new = list_of(&visitor, &form, false)?;
        core.run_once(&form.once(), visitor.permit.id.0, StatusCode::CREATED, async |tx| {
            service::create(tx, &core.clock, &visitor.permit, new).await
        })
        .await
    };
    match made.await {
        Ok(_) if form.value("start") == "1" => Ok(see_other("/points/new?start=1&done=created")),
        Ok(_) => Ok(see_other("/areas?done=created")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_paste(&core, visitor, status, form, None).await
        }
    }
}

/// What would become of the list, above the form that makes it.
async fn look(core: Core, visitor: Visitor<ManagePlaces>, form: Form) -> Result<Response> {
    let looked = async {
        let new = list_of(&visitor, &form, true)?;
        service::look(&mut core.db.read().await?, &core.clock, new).await
    };
    match looked.await {
        Ok(read) => show_paste(&core, visitor, StatusCode::OK, form, Some(read)).await,
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_paste(&core, visitor, status, form, None).await
        }
    }
}

fn list_of(visitor: &Visitor<ManagePlaces>, form: &Form, dry_run: bool) -> Result<NewAreas> {
    let body = OutlineBody { text: form.raw("text").to_owned(), parent_id: form.chosen("parent_id").ok(), dry_run };
    NewAreas::parse(&visitor.permit, &body)
}

async fn opened(core: &Core, upload: Result<Upload>) -> Result<Workbook> {
    let upload = upload?;
    let _turn = core.imports.turn().await?;
    sandbox::open(core, upload.bytes).await
}

/// A file becomes the list in the form, where it can be corrected.
async fn file(State(core): State<Core>, visitor: Visitor<ManagePlaces>, upload: Result<Upload>) -> Result<Response> {
    let form = fresh(&core, &visitor).await?;
    let start = upload.as_ref().ok().and_then(|upload| upload.fields.get("start").cloned());
    let form = form.with_some("start", start);
    match opened(&core, upload).await {
        Ok(workbook) => {
            let form = form.with("text", outline::of_workbook(&workbook));
            look(core, visitor, form).await
        }
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_paste(&core, visitor, status, form, None).await
        }
    }
}
