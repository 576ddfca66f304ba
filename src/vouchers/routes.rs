//! The routes of rounds, issuing, papers and keys.

use axum::Router;

use super::{api, pages};
use crate::http::{Api, Core};

/// Calls of the API.
pub fn api<A: Api>() -> A {
    A::new()
        .merge(api::keys::router())
        .merge(api::rounds::router())
        .merge(api::issuing::router())
        .merge(api::print::router())
        .merge(api::vouchers::router())
}

/// Pages.
pub fn pages() -> Router<Core> {
    Router::new()
        .merge(pages::rounds::router())
        .merge(pages::issuing::router())
        .merge(pages::vouchers::router())
        .merge(pages::find::router())
        .merge(pages::reissue::router())
        .merge(pages::keys::router())
}
