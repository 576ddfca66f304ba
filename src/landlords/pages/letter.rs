//! `/rent/{id}/letter`: the letter of thanks, to be printed.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::rent_table_form::{self, CheckedRow};
use super::words;
use crate::http::{Core, Error, Frame, Id, Result, show};
use crate::kernel::Day;
use crate::kernel::ids::ReductionId;
use crate::landlords::lookup::reachable;
use crate::landlords::reduction::Reduction;
use crate::landlords::rent_line::RentLine;
use crate::landlords::{ReductionStatus, store};
use crate::people::Visitor;
use crate::people::rights::ReadRent;
use crate::places;

pub fn router() -> Router<Core> {
    Router::new().route("/rent/{id}/letter", get(letter))
}

#[derive(Template)]
#[template(path = "landlords/letter.html")]
struct LetterPage {
    frame: Frame,
    /// The body that thanks.
    committee: String,
    reduction: Reduction,
    rows: Vec<CheckedRow>,
    in_words: String,
    today: Day,
}

impl LetterPage {
    fn months(&self, row: &CheckedRow) -> String {
        words::months(row.from, row.to)
    }
}

/// The letter of thanks, for a reduction that counts.
async fn letter(State(core): State<Core>, visitor: Visitor<ReadRent>, Id(id): Id<ReductionId>) -> Result<Response> {
    let mut conn = core.db.read().await?;
    let row = reachable(&mut conn, &visitor.permit, id).await?;
    let lines = store::lines(&mut conn, id).await?;
    let ward = places::store::ward_name(&mut conn).await?.unwrap_or_default();
    drop(conn);
    if !matches!(row.status, ReductionStatus::Verified | ReductionStatus::Confirmed) {
        return Err(Error::NotFound);
    }
    let reduction = row.view(&core.vault, false)?;
    let in_words = reduction.amount.in_words();
    let counted: Vec<RentLine> = lines.into_iter().filter(|line| line.counted).collect();
    let rows = rent_table_form::alike(rent_table_form::pledged(&counted));
    let today = core.clock.today();
    let committee = places::committee(&ward);
    show(StatusCode::OK, &LetterPage { frame: visitor.frame, committee, reduction, rows, in_words, today })
}
