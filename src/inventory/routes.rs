//! The routes of the inventory.

use axum::Router;

use super::{api, pages};
use crate::http::{Api, Core};

/// Calls of the API.
pub fn api<A: Api>() -> A {
    A::new()
        .merge(api::items::router())
        .merge(api::packages::router())
        .merge(api::stock::router())
        .merge(api::transfers::router())
        .merge(api::adjustments::router())
        .merge(api::counts::router())
}

/// Pages.
pub fn pages() -> Router<Core> {
    Router::new()
        .merge(pages::items::router())
        .merge(pages::packages::router())
        .merge(pages::stock::router())
        .merge(pages::ledger::router())
        .merge(pages::lots::router())
        .merge(pages::transfers::router())
        .merge(pages::adjustments::router())
        .merge(pages::counts::router())
        .merge(pages::turnover::router())
}
