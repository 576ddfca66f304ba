//! `/cong-khai`: what the law has published, for everybody; and the coordinator's switch with a preview.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::http::{Core, Form, Frame, Result, see_other, show};
use crate::people::Visitor;
use crate::people::rights::ManagePlaces;
use crate::reports::public::{PublicFigures, PublicSettings};
use crate::reports::published::{self, Published};
use crate::reports::{public, service};

#[derive(Template)]
#[template(path = "reports/public.html")]
struct PublicPage {
    frame: Frame,
    published: Option<Arc<Published>>,
}

pub(crate) async fn published(State(core): State<Core>, frame: Frame) -> Result<Response> {
    let published = published::published(&core).await?;
    show(StatusCode::OK, &PublicPage { frame, published })
}

#[derive(Template)]
#[template(path = "reports/public-switch.html")]
struct SwitchPage {
    frame: Frame,
    figures: PublicFigures,
    is_on: bool,
}

/// What will be seen, before anybody else sees it.
pub(crate) async fn preview(State(core): State<Core>, visitor: Visitor<ManagePlaces>) -> Result<Response> {
    visitor.permit.require_unconfined()?;
    let mut conn = core.db.snapshot().await?;
    let is_on = public::is_published(&mut conn).await?;
    let figures = public::figures(&mut conn).await?;
    drop(conn);
    show(StatusCode::OK, &SwitchPage { frame: visitor.frame, figures, is_on })
}

pub(crate) async fn set(State(core): State<Core>, visitor: Visitor<ManagePlaces>, form: Form) -> Result<Response> {
    let enabled = form.value("enabled") == "yes";
    let settings = PublicSettings { enabled };
    core.run(async |tx| service::publish(tx, &core.clock, &visitor.permit, settings).await).await?;
    Ok(see_other(if enabled { "/reports/public?done=published" } else { "/reports/public?done=unpublished" }))
}
