//! `/start/ward`: the first question after the first administrator, the ward's name.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use crate::http::{Core, CreateBody, Form, Frame, Result, see_other, show};
use crate::people::Visitor;
use crate::people::rights::ManagePlaces;
use crate::places::service::areas as service;
use crate::places::service::areas::{AreaChange, NewAreaBody};
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
async fn ward(core: &Core) -> Result<Option<Area>> {
    let areas = store::open_areas(&mut core.db.read().await?).await?;
    Ok(areas.into_iter().find(|area| area.kind == AreaKind::Ward))
}

async fn ask(State(core): State<Core>, visitor: Visitor<ManagePlaces>) -> Result<Response> {
    visitor.permit.require_unconfined()?;
    let form = Form::fresh(&core).with_some("name", ward(&core).await?.map(|area| area.name));
    show(StatusCode::OK, &WardPage { frame: visitor.frame, form })
}

async fn name(State(core): State<Core>, visitor: Visitor<ManagePlaces>, form: Form) -> Result<Response> {
    visitor.permit.require_unconfined()?;
    let name = form.value("name").to_owned();
    let named = match ward(&core).await? {
        Some(area) => {
            let change = AreaChange { name: Some(name), ..AreaChange::default() };
            service::change(&core, &visitor.permit, area.id, change).await.map(|_| ())
        }
        None => {
            let body = NewAreaBody {
                name,
                kind: AreaKind::Ward,
                parent_id: None,
                code: None,
                starts_on: None,
                predecessor_ids: Vec::new(),
            };
            let create = CreateBody { body, once: form.once() };
            service::create(&core, &visitor.permit, create).await.map(|_| ())
        }
    };
    match named {
        Ok(()) => Ok(see_other("/areas/paste?start=1")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show(status, &WardPage { frame: visitor.frame, form })
        }
    }
}
