//! `/giam-tien-tro/{token}`: the landlord's private link. What was sent, and until it is verified the way to correct or
//! withdraw it. Personal data is not shown: the link may lie on a table.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::rent_table_form::{self, CheckedRow, Lines};
use super::words;
use crate::http::{Core, Form, Frame, Id, Peer, Result, qr, see_other, show};
use crate::landlords::correction::{NewTerms, OwnCorrectionBody};
use crate::landlords::own_reduction::OwnReduction;
use crate::landlords::service::private_link;

pub fn router() -> Router<Core> {
    Router::new()
        .route("/giam-tien-tro/{token}", get(own_page))
        .route("/giam-tien-tro/{token}/correct", get(correct_page).post(correct))
        .route("/giam-tien-tro/{token}/withdraw", get(withdraw_page).post(withdraw))
}

#[derive(Template)]
#[template(path = "landlords/own.html")]
struct OwnPage {
    frame: Frame,
    token: String,
    own: OwnReduction,
    rows: Vec<CheckedRow>,
    link: String,
    qr: String,
}

impl OwnPage {
    fn cut(&self, row: &CheckedRow) -> String {
        words::row_cut(&self.frame, row)
    }

    fn months(&self, row: &CheckedRow) -> String {
        words::months(row.from, row.to)
    }

    fn status(&self) -> &'static str {
        words::own_status(&self.frame, &self.own.status)
    }

    fn is_open(&self) -> bool {
        self.own.status == "pledged"
    }
}

async fn own_of(core: &Core, token: &str) -> Result<OwnReduction> {
    let mut conn = core.db.read().await?;
    let holder = private_link::holder(&mut conn, token).await?;
    private_link::own(&mut conn, core, holder).await
}

async fn own_page(State(core): State<Core>, peer: Peer, frame: Frame, Id(token): Id<String>) -> Result<Response> {
    let own = own_of(&core, &token).await?;
    let link = format!("{}/giam-tien-tro/{token}", peer.base_url(&core));
    let qr = qr::svg(&link)?;
    let rows = rent_table_form::alike(rent_table_form::pledged(&own.lines));
    show(StatusCode::OK, &OwnPage { frame, token, own, rows, link, qr })
}

#[derive(Template)]
#[template(path = "landlords/own-correct.html")]
struct CorrectPage {
    frame: Frame,
    form: Form,
    token: String,
}

impl CorrectPage {
    fn kinds(&self) -> [(&'static str, &'static str); 3] {
        words::kinds(&self.frame)
    }
}

/// The pledge, as long as it may be changed; afterwards the visitor is led to it.
async fn open_pledge(core: &Core, token: &str) -> Result<std::result::Result<OwnReduction, Response>> {
    let own = own_of(core, token).await?;
    Ok(if own.status == "pledged" { Ok(own) } else { Err(see_other(&format!("/giam-tien-tro/{token}"))) })
}

async fn correct_page(State(core): State<Core>, frame: Frame, Id(token): Id<String>) -> Result<Response> {
    let own = match open_pledge(&core, &token).await? {
        Ok(own) => own,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let form = rent_table_form::with_rows(
        Form::fresh(&core).with("note", &own.note),
        &rent_table_form::rows_of_lines(&own.lines),
    );
    show(StatusCode::OK, &CorrectPage { frame, form, token })
}

async fn correct(State(core): State<Core>, frame: Frame, Id(token): Id<String>, form: Form) -> Result<Response> {
    if form.value("to") == "add" {
        return show(StatusCode::OK, &CorrectPage { frame, form: rent_table_form::one_more(form), token });
    }
    let rows = rent_table_form::rows(&form);
    let form = rent_table_form::with_rows(form, &rows);
    let corrected = async {
        let lines = Lines::of(&form)?;
        let note = Some(form.value("note").to_owned());
        let body = OwnCorrectionBody { rooms: Some(lines.bodies.clone()), note };
        let terms = NewTerms::parse_own(body, core.clock.today()).map_err(|error| lines.told_of(error))?;
        let holder = private_link::holder(&mut core.db.read().await?, &token).await?;
        core.run(async |tx| private_link::correct(tx, &core, holder, terms).await).await
    };
    match corrected.await {
        Ok(_) => Ok(see_other(&format!("/giam-tien-tro/{token}?done=saved"))),
        Err(error) => {
            let (status, form) = form.refused(error)?;
            show(status, &CorrectPage { frame, form, token })
        }
    }
}

#[derive(Template)]
#[template(path = "landlords/own-withdraw.html")]
struct WithdrawPage {
    frame: Frame,
    form: Form,
    token: String,
    own: OwnReduction,
}

async fn withdraw_page(State(core): State<Core>, frame: Frame, Id(token): Id<String>) -> Result<Response> {
    match open_pledge(&core, &token).await? {
        Ok(own) => show(StatusCode::OK, &WithdrawPage { frame, form: Form::default(), token, own }),
        Err(elsewhere) => Ok(elsewhere),
    }
}

async fn withdraw(State(core): State<Core>, frame: Frame, Id(token): Id<String>) -> Result<Response> {
    let holder = private_link::holder(&mut core.db.read().await?, &token).await?;
    match core.run(async |tx| private_link::withdraw(tx, &core, holder).await).await {
        Ok(_) => Ok(see_other(&format!("/giam-tien-tro/{token}?done=withdrawn"))),
        Err(error) => {
            let (status, form) = Form::default().refused(error)?;
            let own = own_of(&core, &token).await?;
            show(status, &WithdrawPage { frame, form, token, own })
        }
    }
}
