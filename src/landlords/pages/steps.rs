//! The head's steps on a reduction: verify, correct, reject, confirm what was given.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::detail::show_reduction;
use super::words;
use crate::http::{Body, Core, Error, Form, Frame, Id, Result, local_path, see_other, show};
use crate::kernel::ids::ReductionId;
use crate::kernel::{Dong, Month, Validation};
use crate::landlords::api::{self, CorrectionBody};
use crate::landlords::rent_table_form::{self, Lines};
use crate::landlords::rules::LandlordBody;
use crate::landlords::verification::{self, ConfirmBody, GivenBody, ReasonBody};
use crate::landlords::{Reduction, RentLine};
use crate::people::{Right, Visitor};
use crate::places::{self, AreaScope};

/// Where a step leads: back to the queue it was taken from, or to the reduction.
fn onward(form: &Form, id: ReductionId, done: &str) -> Response {
    match local_path(form.value("back")).filter(|back| back.starts_with("/rent/queue")) {
        Some(back) => see_other(&format!("{back}{}done={done}", if back.contains('?') { '&' } else { '?' })),
        None => see_other(&format!("/rent/{id}?done={done}")),
    }
}

pub(super) async fn verify(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<ReductionId>,
    form: Form,
) -> Result<Response> {
    match verification::verify_reduction(State(core.clone()), visitor.staff.clone(), Id(id)).await {
        Ok(_) => Ok(onward(&form, id, "verified")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_reduction(&core, visitor, id, false, status, form).await
        }
    }
}

#[derive(Template)]
#[template(path = "landlords/reject.html")]
struct RejectPage {
    frame: Frame,
    form: Form,
    reduction: Reduction,
}

async fn open(core: &Core, visitor: &Visitor, id: ReductionId) -> Result<Reduction> {
    visitor.require(Right::VerifyRent)?;
    let mut conn = core.db.read().await?;
    let row = api::reachable(&mut conn, &visitor.staff, id).await?;
    let mut reduction = row.view(&core.vault, false)?;
    reduction.lines = Some(crate::landlords::store::lines(&mut conn, id).await?);
    Ok(reduction)
}

pub(super) async fn reject_page(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<ReductionId>,
) -> Result<Response> {
    let reduction = open(&core, &visitor, id).await?;
    let form = Form::default().with("back", visitor.frame.parameter("back"));
    show(StatusCode::OK, &RejectPage { frame: visitor.frame, form, reduction })
}

pub(super) async fn reject(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<ReductionId>,
    form: Form,
) -> Result<Response> {
    let body = ReasonBody { reason: form.value("reason").to_owned() };
    match verification::reject_reduction(State(core.clone()), visitor.staff.clone(), Id(id), Body(body)).await {
        Ok(_) => Ok(onward(&form, id, "rejected")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            let reduction = open(&core, &visitor, id).await?;
            show(status, &RejectPage { frame: visitor.frame, form, reduction })
        }
    }
}

#[derive(Template)]
#[template(path = "landlords/confirm.html")]
struct ConfirmPage {
    frame: Frame,
    form: Form,
    reduction: Reduction,
    months: Vec<(Month, Vec<(usize, RentLine)>)>,
}

impl ConfirmPage {
    fn cut(&self, line: &RentLine) -> String {
        words::line_cut(&self.frame, line)
    }

    fn sum(&self, lines: &[(usize, RentLine)]) -> Dong {
        Dong(lines.iter().map(|(_, line)| line.reduced.0).sum())
    }
}

async fn show_confirm(
    core: &Core,
    visitor: Visitor,
    id: ReductionId,
    status: StatusCode,
    form: Option<Form>,
) -> Result<Response> {
    let reduction = open(core, &visitor, id).await?;
    let lines = reduction.lines.clone().unwrap_or_default();
    let form = form.unwrap_or_else(|| {
        let back = Form::default().with("back", visitor.frame.parameter("back"));
        lines.iter().enumerate().fold(back, |form, (at, line)| {
            form.with(&format!("lines[{at}].amount"), line.confirmed.unwrap_or(line.reduced).grouped())
        })
    });
    let mut months: Vec<(Month, Vec<(usize, RentLine)>)> = Vec::new();
    for (at, line) in lines.into_iter().enumerate() {
        match months.last_mut().filter(|(month, _)| *month == line.month) {
            Some((_, lines)) => lines.push((at, line)),
            None => months.push((line.month, vec![(at, line)])),
        }
    }
    show(status, &ConfirmPage { frame: visitor.frame, form, reduction, months })
}

pub(super) async fn confirm_page(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<ReductionId>,
) -> Result<Response> {
    show_confirm(&core, visitor, id, StatusCode::OK, None).await
}

pub(super) async fn confirm(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<ReductionId>,
    form: Form,
) -> Result<Response> {
    let lines = open(&core, &visitor, id).await?.lines.unwrap_or_default();
    let confirmed = match given(&form, &lines) {
        Ok((body, at)) => {
            let confirmed =
                verification::confirm_reduction(State(core.clone()), visitor.staff.clone(), Id(id), Body(body)).await;
            confirmed.map_err(|error| of_lines(error, &at))
        }
        Err(error) => Err(error),
    };
    match confirmed {
        Ok(_) => Ok(onward(&form, id, "confirmed")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_confirm(&core, visitor, id, status, Some(form)).await
        }
    }
}

/// The lines that differ from the pledge, and which of the page's lines each is.
fn given(form: &Form, lines: &[RentLine]) -> Result<(ConfirmBody, Vec<usize>)> {
    let mut fields = Validation::new();
    let mut differing = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let name = format!("lines[{at}].amount");
        if let Some(amount) = fields.take(&name, form.dong(&name)).filter(|amount| *amount != line.reduced) {
            differing
                .push((at, GivenBody { room: line.room.clone(), month: line.month.to_string(), amount: amount.0 }));
        }
    }
    fields.finish()?;
    let (at, lines) = differing.into_iter().unzip();
    Ok((ConfirmBody { lines }, at))
}

/// A refusal of differing lines, told of the page's lines.
fn of_lines(error: Error, at: &[usize]) -> Error {
    let Error::Invalid(mut errors) = error else { return error };
    for error in &mut errors {
        let line = error.field.strip_prefix("lines[").and_then(|rest| rest.split_once(']'));
        let named = line.and_then(|(index, rest)| Some((*at.get(index.parse::<usize>().ok()?)?, rest)));
        if let Some((line, rest)) = named {
            error.field = format!("lines[{line}]{}", if rest.is_empty() { ".amount" } else { rest });
        }
    }
    Error::Invalid(errors)
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

async fn show_edit(core: &Core, visitor: Visitor, id: ReductionId, status: StatusCode, form: Form) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let scope = AreaScope::of(&visitor.staff);
    let areas = places::area_choices(&mut conn, &scope).await?;
    drop(conn);
    let reference = form.value("reference").to_owned();
    show(status, &EditPage { frame: visitor.frame, form, id, reference, areas })
}

/// The landlord's phone is part of the form, so that opening it is a look that is logged.
pub(super) async fn edit_page(State(core): State<Core>, visitor: Visitor, Id(id): Id<ReductionId>) -> Result<Response> {
    visitor.require(Right::VerifyRent)?;
    let reduction = api::get_reduction(State(core.clone()), visitor.staff.clone(), Id(id)).await?.0;
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

pub(super) async fn edit(
    State(core): State<Core>,
    visitor: Visitor,
    Id(id): Id<ReductionId>,
    form: Form,
) -> Result<Response> {
    visitor.require(Right::VerifyRent)?;
    if form.value("to") == "add" {
        return show_edit(&core, visitor, id, StatusCode::OK, rent_table_form::one_more(form)).await;
    }
    let rows = rent_table_form::rows(&form);
    let form = rent_table_form::with_rows(form, &rows);
    let corrected = match Lines::of(&form) {
        Ok(lines) => {
            let body = correction(&form, lines.bodies.clone());
            let staff = visitor.staff.clone();
            let corrected = api::correct_reduction(State(core.clone()), staff, Id(id), Body(body)).await;
            corrected.map_err(|error| lines.told_of(error))
        }
        Err(errors) => Err(errors.into()),
    };
    match corrected {
        Ok(_) => Ok(onward(&form, id, "saved")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_edit(&core, visitor, id, status, form).await
        }
    }
}

fn correction(form: &Form, rooms: Vec<crate::landlords::rules::RoomBody>) -> CorrectionBody {
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
