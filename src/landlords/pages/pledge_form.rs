//! `/giam-tien-tro`: a landlord registers rent cuts on a phone, in three steps, without an account. `/rent/new`: staff
//! do the same for a landlord.
//!
//! What was typed on earlier steps travels in the form; nothing is kept here before it is sent.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::rent_table_form::{self, Checked, CheckedRow, ROWS_MAX, Row};
use super::words;
use crate::consents;
use crate::http::{Answer, Core, Error, Form, Frame, Peer, Result, see_other, show};
use crate::kernel::ids::ReductionId;
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::clean;
use crate::kernel::{FieldError, Month, Validation, Within};
use crate::landlords::landlord::{LandlordBody, NewLandlord};
use crate::landlords::pledge::{NewPledge, PledgeTerms};
use crate::landlords::room::NewLines;
use crate::landlords::service::pledge::pledge;
use crate::landlords::submitter::Submitter;
use crate::people::Visitor;
use crate::people::rights::WriteRent;
use crate::places::{self, AreaKind};

/// Seconds in which nobody fills in the form.
const TOO_QUICK_SECS: i64 = 2;
/// A field that people don't see and robots fill in.
const TRAP: &str = "website";

pub fn router() -> Router<Core> {
    Router::new()
        .route("/giam-tien-tro", get(start).post(next))
        .route("/rent/new", get(start_as_staff).post(next_as_staff))
}

/// Who fills in the form, and where its steps are sent.
struct Channel {
    frame: Frame,
    submitter: Submitter,
}

impl Channel {
    fn of_public(core: &Core, peer: &Peer, frame: Frame) -> Self {
        Self { frame, submitter: Submitter::anyone(core, peer) }
    }

    fn of_staff(visitor: Visitor<WriteRent>) -> Result<Self> {
        Ok(Self { frame: visitor.frame, submitter: Submitter::Staff(visitor.permit.also()?) })
    }

    /// Areas to choose from: the public chooses a neighbourhood, staff one of their own areas.
    async fn areas(&self, core: &Core) -> Result<Vec<(String, String)>> {
        let mut conn = core.db.read().await?;
        if let Some(staff) = self.submitter.staff() {
            return Ok(places::area_choices(&mut conn, &staff.scope.areas).await?);
        }
        let areas = places::store::open_areas(&mut conn, &Within::All).await?;
        let neighbourhoods = areas.into_iter().filter(|area| area.kind == AreaKind::Neighbourhood);
        Ok(neighbourhoods.map(|area| (area.id.to_string(), area.name)).collect())
    }

    /// Where a pledge leads once it is stored.
    fn sent_to(&self, sent: &Sent) -> String {
        match self.submitter {
            Submitter::Staff(_) => format!("/rent/{}?done=created", sent.id),
            Submitter::Public(_) => format!("/giam-tien-tro/{}?done=pledged", sent.token),
        }
    }
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
#[template(path = "landlords/pledge-who.html")]
struct WhoPage {
    frame: Frame,
    staff: bool,
    form: Form,
    areas: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "landlords/pledge-rooms.html")]
struct RoomsPage {
    frame: Frame,
    staff: bool,
    form: Form,
}

impl RoomsPage {
    fn kinds(&self) -> [(&'static str, &'static str); 3] {
        words::kinds(&self.frame)
    }
}

#[derive(Template)]
#[template(path = "landlords/pledge-each.html")]
struct EachPage {
    frame: Frame,
    staff: bool,
    form: Form,
}

impl EachPage {
    fn kinds(&self) -> [(&'static str, &'static str); 3] {
        words::kinds(&self.frame)
    }
}

#[derive(Template)]
#[template(path = "landlords/pledge-check.html")]
struct CheckPage {
    frame: Frame,
    staff: bool,
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

async fn start(State(core): State<Core>, peer: Peer, frame: Frame) -> Result<Response> {
    begin(&core, Channel::of_public(&core, &peer, frame)).await
}

async fn start_as_staff(State(core): State<Core>, visitor: Visitor<WriteRent>) -> Result<Response> {
    begin(&core, Channel::of_staff(visitor)?).await
}

async fn begin(core: &Core, channel: Channel) -> Result<Response> {
    let this_month = Month::of(core.clock.today()).map(|month| month.to_string());
    let form = Form::fresh(core)
        .with_some("all.from", this_month.clone())
        .with_some("all.to", this_month)
        .with("all.kind", "percent");
    show_step(core, channel, Step::Who, StatusCode::OK, form).await
}

async fn next(State(core): State<Core>, peer: Peer, frame: Frame, form: Form) -> Result<Response> {
    step(&core, Channel::of_public(&core, &peer, frame), form).await
}

async fn next_as_staff(State(core): State<Core>, visitor: Visitor<WriteRent>, form: Form) -> Result<Response> {
    step(&core, Channel::of_staff(visitor)?, form).await
}

/// Every step is sent here: `at` says from which page, `to` which button.
async fn step(core: &Core, channel: Channel, form: Form) -> Result<Response> {
    let (at, to) = (Step::of(form.value("at")), form.value("to").to_owned());
    match (at, to.as_str()) {
        (_, "who") => show_step(core, channel, Step::Who, StatusCode::OK, form).await,
        (_, "rooms") => show_step(core, channel, Step::Rooms, StatusCode::OK, form).await,
        (_, "each") => show_step(core, channel, Step::Each, StatusCode::OK, form).await,
        (Step::Who, _) => after_who(core, channel, form).await,
        (Step::Rooms, _) => after_rooms(core, channel, form).await,
        (Step::Each, "add") => {
            show_step(core, channel, Step::Each, StatusCode::OK, rent_table_form::one_more(form)).await
        }
        (Step::Each, _) => {
            let rows = rent_table_form::rows(&form);
            show_check(core, channel, rent_table_form::with_rows(form, &rows)).await
        }
        (Step::Check, _) => send(core, channel, form).await,
    }
}

async fn show_step(core: &Core, channel: Channel, step: Step, status: StatusCode, form: Form) -> Result<Response> {
    let staff = channel.submitter.staff().is_some();
    match step {
        Step::Who => {
            let areas = channel.areas(core).await?;
            show(status, &WhoPage { frame: channel.frame, staff, form, areas })
        }
        Step::Rooms => show(status, &RoomsPage { frame: channel.frame, staff, form }),
        Step::Each | Step::Check => show(status, &EachPage { frame: channel.frame, staff, form }),
    }
}

/// The page of a step again, with what is wrong.
async fn again(core: &Core, channel: Channel, step: Step, form: Form, error: Error) -> Result<Response> {
    let (status, form) = form.refused(error)?;
    show_step(core, channel, step, status, form).await
}

async fn after_who(core: &Core, channel: Channel, form: Form) -> Result<Response> {
    let mut fields = Validation::new();
    NewLandlord::check(&mut fields, "landlord", &landlord_of(&form));
    if let Err(errors) = fields.finish() {
        return again(core, channel, Step::Who, form, errors.into()).await;
    }
    // Whoever came back from the last page to mend a name goes on where they were.
    if form.rows("rooms") > 0 {
        return show_check(core, channel, form).await;
    }
    show_step(core, channel, Step::Rooms, StatusCode::OK, form).await
}

async fn after_rooms(core: &Core, channel: Channel, form: Form) -> Result<Response> {
    let (rows, mut errors) = spread(&form);
    let form = rent_table_form::with_rows(form, &rows);
    match rent_table_form::check(&form, core.clock.today()) {
        Ok(checked) if errors.is_empty() => show_checked(core, channel, StatusCode::OK, form, checked).await,
        Ok(_) => again(core, channel, Step::Rooms, form.without("rooms["), errors.into()).await,
        Err(more) => {
            errors.extend(of_setting(more));
            again(core, channel, Step::Rooms, form.without("rooms["), errors.into()).await
        }
    }
}

fn landlord_of(form: &Form) -> LandlordBody {
    LandlordBody {
        name: form.value("landlord.name").to_owned(),
        phone: form.text("landlord.phone"),
        address: form.text("landlord.address"),
    }
}

/// One setting for all rooms, as a row for each; and what is wrong with their number, when one row stands for all.
fn spread(form: &Form) -> (Vec<Row>, Vec<FieldError>) {
    let names: Vec<String> = form
        .value("all.names")
        .split([',', ';', '\n'])
        .map(clean)
        .filter(|name| !name.is_empty())
        .take(ROWS_MAX + 1)
        .collect();
    let mut fields = Validation::new();
    let count = if form.value("all.count").is_empty() {
        fields.check("all.count", !names.is_empty(), || {
            Invalid::fixed("required", "Cho biết bao nhiêu phòng được giảm.", "Say how many rooms it is for.")
        });
        names.len()
    } else {
        fields.take("all.count", form.int("all.count")).and_then(|count| usize::try_from(count).ok()).unwrap_or(0)
    };
    let named = form.value("all.count").is_empty();
    fields.check("all.count", named && count <= ROWS_MAX || (1..=ROWS_MAX).contains(&count), || {
        Invalid::fixed("out_of_range", "Mỗi lần đăng ký từ 1 đến 200 phòng.", "Register 1 to 200 rooms at a time.")
    });
    fields.check("all.names", names.is_empty() || names.len() == count, || {
        Invalid::fixed(
            "contradicts",
            "Số tên phòng không bằng số phòng. Ghi đủ tên, hoặc bỏ trống ô này.",
            "There are not as many names as rooms. Name them all, or leave this field empty.",
        )
    });
    let setting = Row::under(form, "all");
    match fields.finish() {
        Err(errors) => (vec![setting.named("Phòng 1")], errors),
        Ok(()) if names.is_empty() => ((1..=count).map(|n| setting.named(&format!("Phòng {n}"))).collect(), Vec::new()),
        Ok(()) => (names.iter().map(|name| setting.named(name)).collect(), Vec::new()),
    }
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

/// The last page, or the grid with what is wrong.
async fn show_check(core: &Core, channel: Channel, form: Form) -> Result<Response> {
    match rent_table_form::check(&form, core.clock.today()) {
        Ok(checked) => show_checked(core, channel, StatusCode::OK, form, checked).await,
        Err(errors) => again(core, channel, Step::Each, form, errors.into()).await,
    }
}

async fn show_checked(
    core: &Core,
    channel: Channel,
    status: StatusCode,
    form: Form,
    checked: Checked,
) -> Result<Response> {
    let area_id = form.value("area_id");
    let area = channel.areas(core).await?.into_iter().find(|(id, _)| id == area_id).map(|(_, name)| name);
    let staff = channel.submitter.staff().is_some();
    let checked = Checked { rows: rent_table_form::alike(checked.rows), ..checked };
    show(status, &CheckPage { frame: channel.frame, staff, form, checked, area })
}

/// What the new pledge's answer tells this page.
#[derive(Deserialize)]
struct Sent {
    id: ReductionId,
    token: String,
}

async fn send(core: &Core, channel: Channel, form: Form) -> Result<Response> {
    let checked = match rent_table_form::check(&form, core.clock.today()) {
        Ok(checked) => checked,
        Err(errors) => return again(core, channel, Step::Each, form, errors.into()).await,
    };
    match store(core, &channel.submitter, &form, checked.lines.clone()).await {
        Ok(answer) => Ok(see_other(&channel.sent_to(&answer.read()?))),
        Err(error) => {
            let (status, form) = form.without(TRAP).refused(error)?;
            if form.errors().iter().any(|error| error.field.starts_with("landlord.")) {
                return show_step(core, channel, Step::Who, status, form).await;
            }
            show_checked(core, channel, status, form, checked).await
        }
    }
}

/// Stores the pledge of a form whose rooms were checked.
async fn store(core: &Core, submitter: &Submitter, form: &Form, lines: NewLines) -> Result<Answer> {
    if submitter.staff().is_none() {
        hold_back_robots(core, form)?;
    }
    submitter.throttle(core)?;
    let terms = PledgeTerms {
        landlord: landlord_of(form),
        area_id: form.chosen("area_id").ok(),
        note: form.text("note"),
        consent: Some(form.ticked("consent")),
    };
    let new = NewPledge::with_lines(terms, lines)?;
    submitter.throttle_landlord(core, &new.landlord)?;
    core.run_once(&form.once(), submitter.id(), StatusCode::CREATED, async |tx| pledge(tx, core, submitter, new).await)
        .await
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
