//! `/rent/{id}/edit`: a pledge is corrected.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::onward::onward;
use super::rent_table_form::{self, Lines};
use super::words;
use crate::http::{Core, Form, Frame, Id, Result, see_other, show};
use crate::kernel::ids::ReductionId;
use crate::landlords::correction::{Correction, CorrectionBody};
use crate::landlords::landlord::LandlordBody;
use crate::landlords::room::RoomBody;
use crate::landlords::service::{correction, reading};
use crate::people::Visitor;
use crate::people::rights::VerifyRent;
use crate::places;

pub fn router() -> Router<Core> {
    Router::new().route("/rent/{id}/edit", get(edit_page).post(edit))
}

#[derive(Template)]
#[template(path = "landlords/edit.html")]
struct EditPage {
    frame: Frame,
    form: Form,
    id: ReductionId,
    reference: String,
    areas: Vec<(String, String)>,
}

impl EditPage {
    fn kinds(&self) -> [(&'static str, &'static str); 3] {
        words::kinds(&self.frame)
    }
}

async fn show_edit(
    core: &Core,
    visitor: Visitor<VerifyRent>,
    id: ReductionId,
    status: StatusCode,
    form: Form,
) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let areas = places::area_choices(&mut conn, &visitor.permit.scope.areas).await?;
    drop(conn);
    let reference = form.value("reference").to_owned();
    show(status, &EditPage { frame: visitor.frame, form, id, reference, areas })
}

/// The landlord's phone is part of the form, so that opening it is a look that is logged.
async fn edit_page(
    State(core): State<Core>,
    visitor: Visitor<VerifyRent>,
    Id(id): Id<ReductionId>,
) -> Result<Response> {
    let reduction = reading::read_logged(&core, &visitor.permit.also()?, id).await?;
    if reduction.status != "pledged" {
        return Ok(see_other(&format!("/rent/{id}")));
    }
    let form = Form::fresh(&core)
        .with("reference", &reduction.reference)
        .with("back", visitor.frame.parameter("back"))
        .with_some("area_id", reduction.area_id)
        .with("note", &reduction.note);
    let form = ["landlord", "was"].into_iter().fold(form, |form, of| {
        form.with(&format!("{of}.name"), &reduction.landlord.name)
            .with(&format!("{of}.phone"), reduction.landlord.phone.as_deref().unwrap_or(""))
            .with(&format!("{of}.address"), &reduction.landlord.address)
    });
    let form = rent_table_form::with_rows(form, &rent_table_form::rows_of_lines(&reduction.lines.unwrap_or_default()));
    show_edit(&core, visitor, id, StatusCode::OK, form).await
}

async fn edit(
    State(core): State<Core>,
    visitor: Visitor<VerifyRent>,
    Id(id): Id<ReductionId>,
    form: Form,
) -> Result<Response> {
    if form.value("to") == "add" {
        return show_edit(&core, visitor, id, StatusCode::OK, rent_table_form::one_more(form)).await;
    }
    let rows = rent_table_form::rows(&form);
    let form = rent_table_form::with_rows(form, &rows);
    let corrected = async {
        let lines = Lines::of(&form)?;
        let body = correction_of(&form, lines.bodies.clone());
        let correction = Correction::parse(body, core.clock.today()).map_err(|error| lines.told_of(error))?;
        core.run(async |tx| correction::correct(tx, &core, &visitor.permit, id, correction).await).await
    };
    match corrected.await {
        Ok(_) => Ok(onward(&form, id, "saved")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_edit(&core, visitor, id, status, form).await
        }
    }
}

fn correction_of(form: &Form, rooms: Vec<RoomBody>) -> CorrectionBody {
    let changed = ["name", "phone", "address"]
        .iter()
        .any(|field| form.value(&format!("landlord.{field}")) != form.value(&format!("was.{field}")));
    CorrectionBody {
        reason: form.value("reason").to_owned(),
        landlord: changed.then(|| LandlordBody {
            name: form.value("landlord.name").to_owned(),
            phone: form.text("landlord.phone"),
            address: form.text("landlord.address"),
        }),
        area_id: form.chosen("area_id").ok(),
        rooms: Some(rooms),
        note: Some(form.value("note").to_owned()),
    }
}
