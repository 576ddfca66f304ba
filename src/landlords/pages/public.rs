//! `/giam-tien-tro`: a landlord registers rent cuts on a phone, in three steps, without an account.
//!
//! What was typed on earlier steps travels in the form; nothing is kept here before it is sent.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::super::grid::{self, Checked, CheckedRow, Lines, ROWS_MAX, Row};
use super::super::pledge::{NewReductionBody, pledge};
use super::super::rules::{self, LandlordBody};
use super::super::submitter::Submitter;
use super::words;
use crate::kernel::say::Wrong;
use crate::kernel::vietnamese::clean;
use crate::kernel::{FieldError, Fields, Month};
use crate::places::{AreaKind, store as places};
use crate::web::{Core, Error, Form, Frame, Peer, Result, see_other, show};

/// Seconds in which nobody fills in the form.
const TOO_QUICK_SECS: i64 = 2;
/// A field that people don't see and robots fill in.
const TRAP: &str = "website";

pub(super) fn router() -> Router<Core> {
    Router::new().route("/giam-tien-tro", get(start).post(next))
}

/// The steps, each one page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Who cuts the rent.
    Who,
    /// One setting for all rooms.
    Rooms,
    /// The rooms one by one, where they differ.
    Each,
    /// Everything once more before it is sent.
    Check,
}

impl Step {
    fn of(name: &str) -> Self {
        match name {
            "rooms" => Self::Rooms,
            "each" => Self::Each,
            "check" => Self::Check,
            _ => Self::Who,
        }
    }
}

#[derive(Template)]
#[template(path = "rent/pledge-who.html")]
struct WhoPage {
    frame: Frame,
    form: Form,
    areas: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "rent/pledge-rooms.html")]
struct RoomsPage {
    frame: Frame,
    form: Form,
}

impl RoomsPage {
    fn kinds(&self) -> [(&'static str, &'static str); 3] {
        words::kinds(&self.frame)
    }
}

#[derive(Template)]
#[template(path = "rent/pledge-each.html")]
struct EachPage {
    frame: Frame,
    form: Form,
}

impl EachPage {
    fn kinds(&self) -> [(&'static str, &'static str); 3] {
        words::kinds(&self.frame)
    }
}

#[derive(Template)]
#[template(path = "rent/pledge-check.html")]
struct CheckPage {
    frame: Frame,
    form: Form,
    checked: Checked,
    area: Option<String>,
}

impl CheckPage {
    fn cut(&self, row: &CheckedRow) -> String {
        words::row_cut(&self.frame, row)
    }

    fn months(&self, row: &CheckedRow) -> String {
        words::months(row.from, row.to)
    }
}

async fn start(State(core): State<Core>, frame: Frame) -> Result<Response> {
    let this_month = Month::of(core.clock.today()).map(|month| month.to_string());
    let form = Form::fresh(&core)
        .with_some("all.from", this_month.clone())
        .with_some("all.to", this_month)
        .with("all.kind", "percent");
    show_who(&core, frame, StatusCode::OK, form).await
}

/// Neighbourhoods to choose from: value and label.
async fn neighbourhoods(core: &Core) -> Result<Vec<(String, String)>> {
    let areas = places::open_areas(&mut core.db.read().await?).await?;
    let neighbourhoods = areas.into_iter().filter(|area| area.kind == AreaKind::Neighbourhood.name());
    Ok(neighbourhoods.map(|area| (area.id.to_string(), area.name)).collect())
}

async fn show_who(core: &Core, frame: Frame, status: StatusCode, form: Form) -> Result<Response> {
    let areas = neighbourhoods(core).await?;
    show(status, &WhoPage { frame, form, areas })
}

/// Every step is sent here: `at` says from which page, `to` which button.
async fn next(State(core): State<Core>, peer: Peer, frame: Frame, form: Form) -> Result<Response> {
    let (at, to) = (Step::of(form.value("at")), form.value("to").to_owned());
    match (at, to.as_str()) {
        (_, "who") => show_who(&core, frame, StatusCode::OK, form).await,
        (_, "rooms") => show(StatusCode::OK, &RoomsPage { frame, form }),
        (_, "each") => show(StatusCode::OK, &EachPage { frame, form }),
        (Step::Who, _) => after_who(&core, frame, form).await,
        (Step::Rooms, _) => match spread(&form) {
            Ok(rows) => show_check(&core, frame, Step::Rooms, grid::with_rows(form, &rows)).await,
            Err(error) => again(&core, frame, Step::Rooms, form, error).await,
        },
        (Step::Each, "add") => show(StatusCode::OK, &EachPage { frame, form: grid::one_more(form) }),
        (Step::Each, _) => {
            let rows = grid::rows(&form);
            show_check(&core, frame, Step::Each, grid::with_rows(form, &rows)).await
        }
        (Step::Check, _) => send(&core, &peer, frame, form).await,
    }
}

/// The page of a step again, with what is wrong.
async fn again(core: &Core, frame: Frame, step: Step, form: Form, error: Error) -> Result<Response> {
    let (status, form) = form.refused(error)?;
    match step {
        Step::Who => show_who(core, frame, status, form).await,
        Step::Rooms => show(status, &RoomsPage { frame, form }),
        Step::Each | Step::Check => show(status, &EachPage { frame, form }),
    }
}

async fn after_who(core: &Core, frame: Frame, form: Form) -> Result<Response> {
    let mut fields = Fields::new();
    rules::check_landlord(&mut fields, "landlord", &landlord_of(&form));
    if let Err(errors) = fields.finish() {
        return again(core, frame, Step::Who, form, errors.into()).await;
    }
    // Whoever came back from the last page to mend a name goes on where they were.
    if form.rows("rooms") > 0 {
        return show_check(core, frame, Step::Each, form).await;
    }
    show(StatusCode::OK, &RoomsPage { frame, form })
}

fn landlord_of(form: &Form) -> LandlordBody {
    LandlordBody {
        name: form.value("landlord.name").to_owned(),
        phone: form.text("landlord.phone"),
        address: form.text("landlord.address"),
    }
}

/// One setting for all rooms, as a row for each.
fn spread(form: &Form) -> Result<Vec<Row>> {
    let names: Vec<String> = form
        .value("all.names")
        .split([',', ';', '\n'])
        .map(clean)
        .filter(|name| !name.is_empty())
        .take(ROWS_MAX + 1)
        .collect();
    let mut fields = Fields::new();
    let count = if form.value("all.count").is_empty() && !names.is_empty() {
        Some(names.len())
    } else {
        fields.take("all.count", form.int("all.count")).map(|count| usize::try_from(count).unwrap_or(0))
    };
    if let Some(count) = count {
        fields.check("all.count", (1..=ROWS_MAX).contains(&count), || {
            Wrong::fixed("out_of_range", "Mỗi lần đăng ký từ 1 đến 200 phòng.", "Register 1 to 200 rooms at a time.")
        });
        fields.check("all.names", names.is_empty() || names.len() == count, || {
            Wrong::fixed(
                "contradicts",
                "Số tên phòng không bằng số phòng. Ghi đủ tên, hoặc bỏ trống ô này.",
                "There are not as many names as rooms. Name them all, or leave this field empty.",
            )
        });
    }
    fields.finish()?;
    let setting = Row::under(form, "all");
    let rows: Vec<Row> = if names.is_empty() {
        (1..=count.unwrap_or(1)).map(|n| setting.named(&format!("Phòng {n}"))).collect()
    } else {
        names.iter().map(|name| setting.named(name)).collect()
    };
    Ok(rows)
}

/// What is wrong with rows that one setting made, told of the setting.
fn of_setting(errors: Vec<FieldError>) -> Vec<FieldError> {
    let mut told: Vec<FieldError> = Vec::new();
    for mut error in errors {
        let field = error.field.split_once("].").map_or("count", |(_, field)| field);
        error.field = format!("all.{}", if field == "room" { "names" } else { field });
        if !told.iter().any(|known| (&known.field, known.code) == (&error.field, error.code)) {
            told.push(error);
        }
    }
    told
}

/// The last page, or the page before with what is wrong.
async fn show_check(core: &Core, frame: Frame, from: Step, form: Form) -> Result<Response> {
    match grid::check(&form, core.clock.today()) {
        Ok(checked) => show_checked(core, frame, StatusCode::OK, form, checked).await,
        Err(errors) if from == Step::Rooms => {
            again(core, frame, from, form.without("rooms["), of_setting(errors).into()).await
        }
        Err(errors) => again(core, frame, Step::Each, form, errors.into()).await,
    }
}

async fn show_checked(core: &Core, frame: Frame, status: StatusCode, form: Form, checked: Checked) -> Result<Response> {
    let area_id = form.value("area_id").to_owned();
    let area = neighbourhoods(core).await?.into_iter().find(|(id, _)| *id == area_id).map(|(_, name)| name);
    show(status, &CheckPage { frame, form, checked, area })
}

/// What the new pledge's answer tells this page.
#[derive(Deserialize)]
struct Sent {
    token: String,
}

async fn send(core: &Core, peer: &Peer, frame: Frame, form: Form) -> Result<Response> {
    let checked = match grid::check(&form, core.clock.today()) {
        Ok(checked) => checked,
        Err(errors) => return again(core, frame, Step::Each, form, errors.into()).await,
    };
    let sent = match body_of(&form).and_then(|body| hold_back_robots(core, &form).map(|()| body)) {
        Ok(body) => pledge(core, &Submitter::anyone(core, peer), body, form.once()).await,
        Err(error) => Err(error),
    };
    match sent {
        Ok(answer) => {
            let Sent { token } = answer.read()?;
            Ok(see_other(&format!("/giam-tien-tro/{token}?done=pledged")))
        }
        Err(error) => {
            let (status, form) = form.without(TRAP).refused(error)?;
            if form.errors().iter().any(|error| error.field.starts_with("landlord.")) {
                return show_who(core, frame, status, form).await;
            }
            show_checked(core, frame, status, form, checked).await
        }
    }
}

fn body_of(form: &Form) -> Result<NewReductionBody> {
    Ok(NewReductionBody {
        landlord: landlord_of(form),
        area_id: form.chosen("area_id").ok(),
        rooms: Lines::of(form)?.bodies,
        note: form.text("note"),
        consent: Some(form.ticked("consent")),
    })
}

/// Robots fill in every field, and at once. A person who was taken for one only presses the button again.
fn hold_back_robots(core: &Core, form: &Form) -> Result<()> {
    let opened = uuid::Uuid::try_parse(form.once_value()).ok().and_then(|once| once.get_timestamp());
    let opened_secs = opened.map(|opened| i64::try_from(opened.to_unix().0).unwrap_or(i64::MAX));
    let now_secs = core.clock.now().micros() / 1_000_000;
    let quick = opened_secs.is_none_or(|opened| now_secs - opened < TOO_QUICK_SECS);
    if quick || !form.value(TRAP).is_empty() {
        return Err(Error::conflict(
            "send_again",
            "Chưa gửi được. Hãy bấm “Gửi đăng ký” lần nữa.",
            "Not sent yet. Press “Send” once more.",
        ));
    }
    Ok(())
}
