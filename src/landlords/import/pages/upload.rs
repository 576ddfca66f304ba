//! Dropping a file, and the lists that came before.

use askama::Template;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::landlords::import::api;
use crate::lists::staged::{self, Earlier, Kind};
use crate::people::{Right, Visitor};
use crate::places::{self, Scope};
use crate::web::{Core, Form, Frame, Params, Result, Rows, Turn, Upload, see_other, show};

#[derive(Template)]
#[template(path = "rent/imports.html")]
struct ImportsPage {
    frame: Frame,
    form: Form,
    areas: Vec<(String, String)>,
    rows: Rows<Earlier>,
}

pub(super) async fn earlier(
    State(core): State<Core>,
    visitor: Visitor,
    Params(turn): Params<Turn>,
) -> Result<Response> {
    visitor.require(Right::WriteRent)?;
    let form = Form::fresh(&core);
    show_page(&core, visitor, &turn, StatusCode::OK, form).await
}

async fn show_page(core: &Core, visitor: Visitor, turn: &Turn, status: StatusCode, form: Form) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let scope = Scope::of(&mut conn, &visitor.staff).await?;
    let areas = places::area_choices(&mut conn, &scope).await?;
    let only_of = visitor.staff.area_id.map(|_| visitor.staff.id.0);
    let found = staged::earlier(&mut conn, Kind::RentReductions, only_of, turn.limit(), turn.offset()).await?;
    drop(conn);
    show(status, &ImportsPage { frame: visitor.frame, form, areas, rows: Rows::new(found, turn, None) })
}

pub(super) async fn upload(State(core): State<Core>, visitor: Visitor, request: Request) -> Result<Response> {
    visitor.require(Right::WriteRent)?;
    let (headers, path) = (request.headers().clone(), request.uri().path().to_owned());
    let mut form = Form::fresh(&core);
    let uploaded = match Upload::from_request(request, &core).await {
        Ok(upload) => {
            form = form.with("area_id", upload.field("area_id"));
            let upload = upload.of_form(&path);
            api::upload_rent_reductions(State(core.clone()), visitor.staff.clone(), headers, upload).await
        }
        Err(error) => Err(error),
    };
    match uploaded {
        Ok(answer) => Ok(see_other(&format!("/rent/imports/{}", answer.id()?))),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_page(&core, visitor, &Turn::default(), status, form).await
        }
    }
}
