//! The routes of redemption.

use axum::Router;

use super::{api, pages};
use crate::http::{Api, Core};

/// Calls of the API.
pub fn api<A: Api>() -> A {
    A::new()
        .merge(api::scans::router())
        .merge(api::uploads::router())
        .merge(api::roster::router())
        .merge(api::history::router())
        .merge(api::conflicts::router())
        .merge(api::leases::router())
        .merge(api::merges::router())
}

/// Pages that show or do handovers.
pub fn pages() -> Router<Core> {
    Router::new()
        .merge(pages::round::router())
        .merge(pages::voucher::router())
        .merge(pages::desk::router())
        .merge(pages::roster::router())
        .merge(pages::history::router())
        .merge(pages::conflicts::router())
        .merge(pages::devices::router())
        .merge(pages::merges::router())
}
