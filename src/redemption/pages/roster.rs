//! `/roster`: the signed paper list, keyed in afterwards. Each code gets its answer.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};

use super::words::{Light, short};
use crate::http::{Core, Form, Frame, Result, language_of, show};
use crate::kernel::ids::ConflictId;
use crate::kernel::message::Lang;
use crate::kernel::{Moment, Validation};
use crate::people::Visitor;
use crate::people::rights::Override;
use crate::places::{PointKind, store as places};
use crate::redemption::answer::{HouseholdView, VoucherView};
use crate::redemption::intake::ScanIntake;
use crate::redemption::outcome::Outcome;
use crate::redemption::roster::{Roster, RosterBody};
use crate::redemption::service::roster::{self, KeyedIn};

/// Points that are offered at most.
const POINTS_MAX: i64 = 1_000;

pub fn router() -> Router<Core> {
    Router::new().route("/roster", get(ask).post(key_in))
}

/// One keyed-in line with its answer.
#[derive(Debug)]
struct Line {
    code: String,
    outcome: Option<Outcome>,
    message: String,
    household: Option<HouseholdView>,
    voucher: Option<VoucherView>,
    conflict_id: Option<ConflictId>,
}

impl Line {
    fn of(KeyedIn { code, answer }: KeyedIn, lang: Lang) -> Self {
        match answer.map(|answer| answer.view(lang)) {
            Ok(answer) => Self {
                code,
                outcome: Some(answer.outcome),
                message: answer.message,
                household: answer.household,
                voucher: answer.voucher,
                conflict_id: answer.detail.conflict_id,
            },
            Err(_) => {
                Self { code, outcome: None, message: String::new(), household: None, voucher: None, conflict_id: None }
            }
        }
    }

    fn light(&self) -> Light {
        match self.outcome {
            Some(_) if self.conflict_id.is_some() => Light::Amber,
            Some(outcome) => Light::of(outcome),
            None => Light::Red,
        }
    }

    /// The class of its word in a table.
    fn class(&self) -> &'static str {
        match self.light() {
            Light::Green => "enough",
            Light::Amber => "low",
            Light::Red => "short",
        }
    }
}

#[derive(Template)]
#[template(path = "redemption/roster.html")]
struct RosterPage {
    frame: Frame,
    form: Form,
    points: Vec<(String, String)>,
    lines: Vec<Line>,
}

impl RosterPage {
    fn short(&self, line: &Line) -> String {
        match line.outcome {
            Some(_) if line.conflict_id.is_some() => self.frame.t("TRÙNG LƯỢT NHẬN", "CONFLICT").to_owned(),
            Some(outcome) => self.frame.say(&short(outcome)).to_owned(),
            None => self.frame.t("CHƯA GHI", "NOT TAKEN").to_owned(),
        }
    }

    fn taken(&self) -> usize {
        let taken = |line: &&Line| line.outcome == Some(Outcome::Redeemed) || line.conflict_id.is_some();
        self.lines.iter().filter(taken).count()
    }
}

async fn ask(State(core): State<Core>, visitor: Visitor<Override>) -> Result<Response> {
    let now = core.clock.now();
    let form = Form::default().with("handed_out_at", now.day()).with("time", now.clock_time());
    show_roster(&core, visitor, (StatusCode::OK, form), Vec::new()).await
}

async fn show_roster(
    core: &Core,
    visitor: Visitor<Override>,
    (status, form): (StatusCode, Form),
    lines: Vec<Line>,
) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let own = &visitor.permit.scope.points;
    let points = places::listed_points(&mut conn, own, false, POINTS_MAX, 0).await?.into_iter();
    let points = points.filter(|point| point.kind == PointKind::Distribution.name());
    let points = points.map(|point| (point.id.to_string(), point.name)).collect();
    show(status, &RosterPage { frame: visitor.frame, form, points, lines })
}

async fn key_in(
    State(core): State<Core>,
    Extension(redemption): Extension<ScanIntake>,
    visitor: Visitor<Override>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    let keyed_in = async {
        let body = roster_of(&form)?;
        visitor.permit.require_point(body.point_id)?;
        roster::key_in(&core, &redemption, &visitor.permit, Roster::parse(body)?).await
    };
    match keyed_in.await {
        Ok(lines) => {
            let lang = language_of(&headers);
            let lines = lines.into_iter().map(|line| Line::of(line, lang)).collect();
            show_roster(&core, visitor, (StatusCode::OK, form), lines).await
        }
        Err(error) => {
            let form = form.refused(error)?;
            show_roster(&core, visitor, form, Vec::new()).await
        }
    }
}

fn roster_of(form: &Form) -> Result<RosterBody> {
    let mut fields = Validation::new();
    let point_id = fields.take("point_id", form.chosen("point_id"));
    let day = fields.take("handed_out_at", form.day("handed_out_at"));
    let secs = fields.take("time", form.time_of_day("time"));
    let handed_out_at: Option<Moment> = day.zip(secs).map(|(day, secs)| day.start().plus_secs(secs));
    let (point_id,) = fields.all((point_id,))?;
    let codes = form.value("codes").lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned);
    Ok(RosterBody { point_id, handed_out_at, codes: codes.collect(), desk: form.text("desk") })
}
