//! `/rent/queue`: the neighbourhood head's own queue, on a phone: what waits to be verified, and what was verified and
//! waits for the word that it was given.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::rent_table_form::{self, CheckedRow};
use super::shown::Shown;
use super::words;
use crate::http::{Core, Frame, Params, Result, Rows, Turn, show};
use crate::kernel::ids::ReductionId;
use crate::landlords::store::{self, LineOf, Overlap, TableFilter};
use crate::landlords::{ReductionStatus, RentLine};
use crate::people::Visitor;
use crate::people::rights::VerifyRent;

pub fn router() -> Router<Core> {
    Router::new().route("/rent/queue", get(queue))
}

/// Which queue.
#[derive(Default, Deserialize)]
pub(super) struct QueueQuery {
    #[serde(default)]
    step: String,
}

/// One reduction with what it pledges and what speaks against it.
struct Card {
    shown: Shown,
    rows: Vec<CheckedRow>,
    overlaps: Vec<Overlap>,
}

#[derive(Template)]
#[template(path = "landlords/queue.html")]
struct QueuePage {
    frame: Frame,
    cards: Rows<Card>,
    to_verify: i64,
    to_confirm: i64,
    confirming: bool,
    whole_ward: bool,
}

impl QueuePage {
    fn cut(&self, row: &CheckedRow) -> String {
        words::row_cut(&self.frame, row)
    }

    fn months(&self, row: &CheckedRow) -> String {
        words::months(row.from, row.to)
    }
}

async fn queue(
    State(core): State<Core>,
    visitor: Visitor<VerifyRent>,
    Params(turn): Params<Turn>,
    Params(query): Params<QueueQuery>,
) -> Result<Response> {
    let confirming = query.step == "confirm";
    let mut conn = core.db.read().await?;
    let scope = visitor.permit.scope.areas.clone();
    let whole_ward = scope.is_all();
    let mut filter = TableFilter { order: "oldest", ..TableFilter::all(scope.clone()) };
    let sums = store::sums(&mut conn, &filter).await?;
    let waits = |status: ReductionStatus| sums.iter().find(|sum| sum.status == status).map_or(0, |sum| sum.reductions);
    let (to_verify, to_confirm) = (waits(ReductionStatus::Pledged), waits(ReductionStatus::Verified));
    filter.status = Some(if confirming { ReductionStatus::Verified } else { ReductionStatus::Pledged });
    let found = store::listed(&mut conn, &filter, turn.limit(), turn.offset()).await?;
    let ids: Vec<ReductionId> = found.iter().map(|listed| listed.row.id).collect();
    let lines = store::lines_of(&mut conn, &ids).await?;
    let overlaps = store::overlaps(&mut conn, &scope, &ids).await?;
    drop(conn);
    let total = if confirming { to_confirm } else { to_verify };
    let shown = found.into_iter().map(|listed| Shown::of(&core, listed)).collect::<Result<Vec<_>>>()?;
    let cards = Rows::new(shown, &turn, Some(total)).map(|shown| card(shown, &lines, &overlaps));
    show(StatusCode::OK, &QueuePage { frame: visitor.frame, cards, to_verify, to_confirm, confirming, whole_ward })
}

fn card(shown: Shown, lines: &[LineOf], overlaps: &[Overlap]) -> Card {
    let id = shown.reduction.id;
    let own: Vec<RentLine> =
        lines.iter().filter(|line| line.reduction_id == id).map(|line| line.line.clone()).collect();
    Card {
        rows: rent_table_form::alike(rent_table_form::pledged(&own)),
        overlaps: overlaps.iter().filter(|overlap| overlap.reduction_id == id).cloned().collect(),
        shown,
    }
}
