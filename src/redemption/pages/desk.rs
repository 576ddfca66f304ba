//! `/desk`: a desk without a phone. One large field for a scanner on a cable or the typed code; the answer below it.
//!
//! The point and the desk stand in the address. Each rendered form has a value of its own; with what was typed it makes
//! the scan's nonce, so that a form sent twice is one scan, and another code typed into an old form is another.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use serde::Deserialize;
use uuid::Uuid;

use super::words::{Light, short};
use crate::http::{Core, Error, Form, Frame, Params, Result, language_of, see_other, show};
use crate::people::rights::Redeem;
use crate::people::{Caller, Permit, Right, Visitor, audit};
use crate::places::store::ListedPoint;
use crate::places::{Point, PointKind, store as places};
use crate::redemption::answer::AnswerView;
use crate::redemption::intake::{Desk, ScanBody, ScanIntake};
use crate::redemption::outcome::Outcome;
use crate::redemption::reversal::service::reverse;
use crate::redemption::scan::Collector;
use crate::redemption::service::scans;
use crate::vault::sha256;

/// Points that are offered at most.
const POINTS_MAX: i64 = 1_000;
/// Desks of a point that are offered at most.
const DESKS_MAX: i64 = 30;

pub fn router() -> Router<Core> {
    Router::new().route("/desk", get(desk).post(scan)).route("/desk/undo", post(undo))
}

/// Where this desk stands.
#[derive(Debug, Default, Deserialize)]
struct Here {
    #[serde(default)]
    point_id: String,
    #[serde(default)]
    desk: String,
}

#[derive(Template)]
#[template(path = "redemption/desk-choose.html")]
struct ChoosePage {
    frame: Frame,
    points: Vec<ListedPoint>,
    may_plan: bool,
}

impl ChoosePage {
    fn desks(&self, point: &ListedPoint) -> std::ops::RangeInclusive<i64> {
        1..=point.desks.clamp(1, DESKS_MAX)
    }
}

#[derive(Template)]
#[template(path = "redemption/desk.html")]
struct DeskPage {
    frame: Frame,
    point: Point,
    desk: String,
    /// Makes the next scan one of its own.
    once: Uuid,
    /// What was typed, and what is wrong with it.
    form: Form,
    answer: Option<AnswerView>,
    may_override: bool,
    may_find: bool,
}

impl DeskPage {
    fn query(&self) -> String {
        let desk: String = form_urlencoded::byte_serialize(self.desk.as_bytes()).collect();
        format!("point_id={}&desk={desk}", self.point.id)
    }

    fn light(&self, answer: &AnswerView) -> Light {
        if answer.reversed_at.is_some() { Light::Red } else { Light::of(answer.outcome) }
    }

    fn short(&self, answer: &AnswerView) -> String {
        match answer.reversed_at {
            Some(_) => self.frame.t("ĐÃ HOÀN TÁC", "UNDONE").to_owned(),
            None => self.frame.say(&short(answer.outcome)).to_owned(),
        }
    }

    fn asks_collector(&self, answer: &AnswerView) -> bool {
        answer.outcome == Outcome::NeedsInput && answer.detail.fields.iter().any(|field| field == "collector")
    }

    fn offers_override(&self, answer: &AnswerView) -> bool {
        self.may_override && answer.outcome.may_be_overridden()
    }

    fn can_undo(&self, answer: &AnswerView) -> bool {
        answer.outcome == Outcome::Redeemed && answer.reversed_at.is_none()
    }
}

/// The open distribution point that the address names and the visitor serves.
async fn point_of(core: &Core, visitor: &Visitor<Redeem>, here: &Here) -> Result<Option<Point>> {
    let Ok(id) = here.point_id.parse() else { return Ok(None) };
    visitor.permit.require_point(id)?;
    let point = places::point(&mut core.db.read().await?, id).await?;
    Ok(point.filter(|point| point.closed_at.is_none() && point.kind == PointKind::Distribution.name()))
}

async fn choose(core: &Core, visitor: Visitor<Redeem>) -> Result<Response> {
    let points =
        places::listed_points(&mut core.db.read().await?, &visitor.permit.scope.points, false, POINTS_MAX, 0).await?;
    let points = points.into_iter().filter(|point| point.kind == PointKind::Distribution.name()).collect();
    let may_plan = visitor.may(Right::ManagePlaces);
    show(StatusCode::OK, &ChoosePage { frame: visitor.frame, points, may_plan })
}

async fn desk(State(core): State<Core>, visitor: Visitor<Redeem>, Params(here): Params<Here>) -> Result<Response> {
    match point_of(&core, &visitor, &here).await? {
        Some(point) => show_desk(&core, visitor, (point, here.desk), (StatusCode::OK, Form::default()), None),
        None => choose(&core, visitor).await,
    }
}

fn show_desk(
    core: &Core,
    visitor: Visitor<Redeem>,
    (point, desk): (Point, String),
    (status, form): (StatusCode, Form),
    answer: Option<AnswerView>,
) -> Result<Response> {
    let (may_override, may_find) = (visitor.may(Right::Override), visitor.may(Right::ReadVouchers));
    let once = core.clock.uuid();
    show(status, &DeskPage { frame: visitor.frame, point, desk, once, form, answer, may_override, may_find })
}

/// The scan's nonce: the same for the same form with the same content, another for anything else.
fn nonce_of(form: &Form, here: &Here, by: Uuid) -> Uuid {
    let parts =
        ["once", "code", "override_reason", "collector.name", "collector.relation"].map(|name| form.value(name));
    let mut said = b"lalanh-desk-v1".to_vec();
    said.extend_from_slice(by.as_bytes());
    for part in parts.into_iter().chain([here.point_id.as_str(), here.desk.as_str()]) {
        said.push(0);
        said.extend_from_slice(part.as_bytes());
    }
    let bytes = sha256(&said).first_chunk::<16>().copied().unwrap_or_default();
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

fn scan_of(core: &Core, form: &Form, here: &Here, (point, by): (&Point, Uuid)) -> ScanBody {
    let collector = form
        .text("collector.name")
        .map(|name| Collector { name, relation: form.value("collector.relation").to_owned() });
    ScanBody {
        nonce: nonce_of(form, here, by),
        code: form.value("code").to_owned(),
        point_id: point.id,
        scanned_at: core.clock.now(),
        units: None,
        collector,
        desk: Some(Desk::Name(here.desk.clone())),
        override_reason: form.text("override_reason"),
    }
}

async fn scan(
    State(core): State<Core>,
    Extension(redemption): Extension<ScanIntake>,
    visitor: Visitor<Redeem>,
    headers: HeaderMap,
    Params(here): Params<Here>,
    form: Form,
) -> Result<Response> {
    let Some(point) = point_of(&core, &visitor, &here).await? else { return choose(&core, visitor).await };
    let body = scan_of(&core, &form, &here, (&point, visitor.permit.id.0));
    let (nonce, permit) = (body.nonce, Permit::<_, Caller>::from(visitor.permit.clone()));
    let lang = language_of(&headers);
    let decided = match scans::redeem(&core, &redemption, &permit, body).await {
        // The same form again, at another moment: it gets the first answer.
        Err(Error::Conflict { code: "nonce_mismatch", .. }) => {
            let first = scans::stored_answer(&mut core.db.read().await?, &permit, nonce).await;
            first.map(|answer| answer.view(lang))
        }
        decided => decided.map(|decision| decision.view(lang)),
    };
    let place = (point, here.desk);
    match decided {
        Ok(answer) => show_desk(&core, visitor, place, (StatusCode::OK, form), Some(answer)),
        Err(error) => {
            let form = form.refused(error)?;
            show_desk(&core, visitor, place, form, None)
        }
    }
}

async fn undo(
    State(core): State<Core>,
    visitor: Visitor<Redeem>,
    Params(here): Params<Here>,
    form: Form,
) -> Result<Response> {
    let Some(point) = point_of(&core, &visitor, &here).await? else { return choose(&core, visitor).await };
    let nonce: Uuid = form.value("nonce").parse().map_err(|_| Error::NotFound)?;
    let permit = Permit::from(visitor.permit.clone());
    let place = (point, here.desk);
    let undone = async {
        let reason = audit::parse_reason(form.value("reason")).map_err(|wrong| wrong.at("reason"))?;
        core.run(async |tx| reverse(tx, &core, &permit, nonce, reason).await).await
    };
    match undone.await {
        Ok(_) => {
            let desk: String = form_urlencoded::byte_serialize(place.1.as_bytes()).collect();
            Ok(see_other(&format!("/desk?point_id={}&desk={desk}&done=handover_undone", place.0.id)))
        }
        Err(error) => {
            let form = form.refused(error)?;
            show_desk(&core, visitor, place, form, None)
        }
    }
}
