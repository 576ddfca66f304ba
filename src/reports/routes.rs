//! The routes of the report.

use axum::Router;
use axum::routing::get;

use super::api;
use super::pages::{public, report, rows};
use crate::http::{Api, Core};

/// Calls of the API.
pub fn api<A: Api>() -> A {
    A::new().merge(api::reports::router()).merge(api::public::router())
}

/// `/reports` and the pages below it, `/cong-khai`.
pub fn pages() -> Router<Core> {
    Router::new()
        .route("/reports", get(report::report))
        .route("/reports/public", get(public::preview).post(public::set))
        .route("/reports/rows/{figure}", get(rows::rows))
        .route("/cong-khai", get(public::published))
}
