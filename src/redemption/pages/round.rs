//! `/rounds/{id}`: a round as it goes, paused, resumed, closed.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};

use crate::db::Conn;
use crate::http::{Core, Error, Form, Frame, Id, Result, see_other, show};
use crate::kernel::ids::{PointId, RoundId};
use crate::kernel::{Moment, Quantity};
use crate::people::rights::{ReadVouchers, WriteVouchers};
use crate::people::{Right, Staff, Visitor};
use crate::redemption::history::store as history;
use crate::vouchers::reach::{may_change, seen_round};
use crate::vouchers::round::{Offline, Round, RoundStatus, Stage};
use crate::vouchers::service::rounds as service;
use crate::vouchers::store::{listings, print};

pub fn router() -> Router<Core> {
    Router::new()
        .route("/rounds/{id}", get(round))
        .route("/rounds/{id}/pause", post(pause))
        .route("/rounds/{id}/resume", post(resume))
        .route("/rounds/{id}/close", get(ask_close).post(close))
}

/// What happens at one point. Without an id: vouchers that count at any of the points.
#[derive(Clone, Debug, Default)]
struct AtPoint {
    id: Option<PointId>,
    name: Option<String>,
    vouchers: i64,
    served: i64,
    waiting: i64,
    handed_out: i64,
    refused: i64,
}

/// What happens in a round, at each of its points that the visitor reaches.
async fn flow(conn: &mut Conn, staff: &Staff, id: RoundId) -> Result<Vec<AtPoint>> {
    let counts = history::counts(conn, &staff.scope.points, Some(id.0)).await?;
    let at = |point: listings::PointOfRound| {
        let here = || counts.iter().filter(|count| Some(count.point_id) == point.point_id);
        AtPoint {
            id: point.point_id,
            vouchers: point.vouchers,
            served: point.served,
            waiting: point.waiting,
            handed_out: here().map(|count| count.handed_out).sum(),
            refused: here().map(|count| count.refused).sum(),
            name: point.point,
        }
    };
    Ok(listings::points_of_round(conn, &staff.scope.points, id).await?.into_iter().map(at).collect())
}

fn total(points: &[AtPoint]) -> AtPoint {
    let sum = |value: fn(&AtPoint) -> i64| points.iter().map(value).sum();
    AtPoint {
        vouchers: sum(|point| point.vouchers),
        served: sum(|point| point.served),
        waiting: sum(|point| point.waiting),
        handed_out: sum(|point| point.handed_out),
        refused: sum(|point| point.refused),
        ..AtPoint::default()
    }
}

#[derive(Template)]
#[template(path = "redemption/round.html")]
struct RoundPage {
    frame: Frame,
    round: Round,
    stage: Stage,
    campaign: String,
    package: String,
    contents: Vec<String>,
    points: Vec<AtPoint>,
    total: AtPoint,
    may_write: bool,
    /// Whether the round may be paused and closed.
    may_change: bool,
    now: Moment,
}

impl RoundPage {
    fn stage(&self) -> String {
        self.frame.say(&self.stage.say()).to_owned()
    }

    fn is_amber(&self) -> bool {
        self.round.offline == Offline::Amber
    }

    fn of_hundred(&self, part: &i64, whole: &i64) -> i64 {
        if *whole > 0 { part.clamp(&0, whole) * 100 / whole } else { 0 }
    }

    fn clock(&self) -> String {
        self.now.clock_time()
    }

    fn absent(&self) -> i64 {
        self.total.vouchers - self.total.served
    }
}

async fn round(State(core): State<Core>, visitor: Visitor<ReadVouchers>, Id(id): Id<RoundId>) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let round = seen_round(&mut conn, &visitor.permit.scope.points, id).await?;
    let (package, _) = print::package(&mut conn, round.package_id).await?;
    let line = |(quantity, decimals, unit, item): (i64, i64, String, String)| {
        format!("{} {unit} {item}", Quantity(quantity).in_unit(u8::try_from(decimals).unwrap_or(0)))
    };
    let points = flow(&mut conn, &visitor.permit, id).await?;
    let may_change = visitor.may(Right::WriteVouchers) && may_change(&mut conn, &visitor.permit, id).await?;
    let now = core.clock.now();
    let page = RoundPage {
        stage: round.stage(now),
        campaign: print::campaign_name(&mut conn, round.campaign_id).await?,
        contents: print::contents(&mut conn, round.package_id).await?.into_iter().map(line).collect(),
        package,
        total: total(&points),
        points,
        may_write: visitor.may(Right::WriteVouchers),
        may_change,
        frame: visitor.frame,
        round,
        now,
    };
    show(StatusCode::OK, &page)
}

async fn pause(State(core): State<Core>, visitor: Visitor<WriteVouchers>, Id(id): Id<RoundId>) -> Result<Response> {
    core.run(async |tx| service::pause(tx, &core, &visitor.permit, id).await).await?;
    Ok(see_other(&format!("/rounds/{id}?done=paused")))
}

async fn resume(State(core): State<Core>, visitor: Visitor<WriteVouchers>, Id(id): Id<RoundId>) -> Result<Response> {
    core.run(async |tx| service::resume(tx, &core, &visitor.permit, id).await).await?;
    Ok(see_other(&format!("/rounds/{id}?done=resumed")))
}

#[derive(Template)]
#[template(path = "redemption/round-close.html")]
struct ClosePage {
    frame: Frame,
    form: Form,
    round: Round,
    total: AtPoint,
}

impl ClosePage {
    fn absent(&self) -> i64 {
        self.total.vouchers - self.total.served
    }
}

async fn ask_close(State(core): State<Core>, visitor: Visitor<WriteVouchers>, Id(id): Id<RoundId>) -> Result<Response> {
    show_close(&core, visitor, id, (StatusCode::OK, Form::default())).await
}

async fn show_close(
    core: &Core,
    visitor: Visitor<WriteVouchers>,
    id: RoundId,
    (status, form): (StatusCode, Form),
) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let round = seen_round(&mut conn, &visitor.permit.scope.points, id).await?;
    if !may_change(&mut conn, &visitor.permit, id).await? {
        return Err(Error::Forbidden);
    }
    if round.is_closed() {
        return Ok(see_other(&format!("/rounds/{id}")));
    }
    let total = total(&flow(&mut conn, &visitor.permit, id).await?);
    show(status, &ClosePage { frame: visitor.frame, form, round, total })
}

async fn close(
    State(core): State<Core>,
    visitor: Visitor<WriteVouchers>,
    Id(id): Id<RoundId>,
    form: Form,
) -> Result<Response> {
    match core.run(async |tx| service::close(tx, &core, &visitor.permit, id).await).await {
        Ok(_) => Ok(see_other(&format!("/rounds/{id}?done=round_closed"))),
        Err(error) => show_close(&core, visitor, id, form.refused(error)?).await,
    }
}
