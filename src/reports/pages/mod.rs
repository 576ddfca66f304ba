//! The pages of the committee's report: its figures, the rows behind each, what is published and its switch; and
//! `/cong-khai`, which anybody may read.

mod public;
mod report;
mod rows;

use axum::Router;
use axum::routing::get;

use crate::http::Core;

/// `/reports` and the pages below it, `/cong-khai`.
pub fn router() -> Router<Core> {
    Router::new()
        .route("/reports", get(report::report))
        .route("/reports/public", get(public::preview).post(public::set))
        .route("/reports/rows/{figure}", get(rows::rows))
        .route("/cong-khai", get(public::published))
}
