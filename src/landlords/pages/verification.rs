//! The head's steps on a reduction: verify, reject, confirm what was given.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};

use super::onward::onward;
use super::rent_reduction::show_reduction;
use super::words;
use crate::http::{Core, Error, Form, Frame, Id, Result, show};
use crate::kernel::ids::ReductionId;
use crate::kernel::{Dong, Month, Validation};
use crate::landlords::lookup::reachable;
use crate::landlords::reduction::Reduction;
use crate::landlords::rent_line::RentLine;
use crate::landlords::service::verification;
use crate::landlords::step::{ConfirmBody, GivenBody};
use crate::landlords::store;
use crate::people::Visitor;
use crate::people::audit::parse_reason;
use crate::people::rights::VerifyRent;

pub fn router() -> Router<Core> {
    Router::new()
        .route("/rent/{id}/verify", post(verify))
        .route("/rent/{id}/reject", get(reject_page).post(reject))
        .route("/rent/{id}/confirm", get(confirm_page).post(confirm))
}

async fn verify(
    State(core): State<Core>,
    visitor: Visitor<VerifyRent>,
    Id(id): Id<ReductionId>,
    form: Form,
) -> Result<Response> {
    match core.run(async |tx| verification::verify(tx, &core, &visitor.permit, id).await).await {
        Ok(_) => Ok(onward(&form, id, "verified")),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show_reduction(
                &core,
                Visitor { permit: visitor.permit.also()?, frame: visitor.frame },
                id,
                false,
                status,
                form,
            )
            .await
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

async fn open(core: &Core, visitor: &Visitor<VerifyRent>, id: ReductionId) -> Result<Reduction> {
    let mut conn = core.db.read().await?;
    let row = reachable(&mut conn, &visitor.permit, id).await?;
    let mut reduction = row.view(&core.vault, false)?;
    reduction.lines = Some(store::lines(&mut conn, id).await?);
    Ok(reduction)
}

async fn reject_page(
    State(core): State<Core>,
    visitor: Visitor<VerifyRent>,
    Id(id): Id<ReductionId>,
) -> Result<Response> {
    let reduction = open(&core, &visitor, id).await?;
    let form = Form::default().with("back", visitor.frame.parameter("back"));
    show(StatusCode::OK, &RejectPage { frame: visitor.frame, form, reduction })
}

async fn reject(
    State(core): State<Core>,
    visitor: Visitor<VerifyRent>,
    Id(id): Id<ReductionId>,
    form: Form,
) -> Result<Response> {
    let rejected = async {
        let reason = parse_reason(form.value("reason")).map_err(|wrong| wrong.at("reason"))?;
        core.run(async |tx| verification::reject(tx, &core, &visitor.permit, id, reason).await).await
    };
    match rejected.await {
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
    visitor: Visitor<VerifyRent>,
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

async fn confirm_page(
    State(core): State<Core>,
    visitor: Visitor<VerifyRent>,
    Id(id): Id<ReductionId>,
) -> Result<Response> {
    show_confirm(&core, visitor, id, StatusCode::OK, None).await
}

async fn confirm(
    State(core): State<Core>,
    visitor: Visitor<VerifyRent>,
    Id(id): Id<ReductionId>,
    form: Form,
) -> Result<Response> {
    let lines = open(&core, &visitor, id).await?.lines.unwrap_or_default();
    let confirmed = async {
        let (body, at) = given(&form, &lines)?;
        let confirmed = core.run(async |tx| verification::confirm(tx, &core, &visitor.permit, id, body).await).await;
        confirmed.map_err(|error| of_lines(error, &at))
    };
    match confirmed.await {
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
