//! The routes of places.

use axum::Router;

use super::{api, pages};
use crate::http::{Api, Core};

/// Calls of the API.
pub fn api<A: Api>() -> A {
    A::new().merge(api::areas::router()).merge(api::outline::router()).merge(api::points::router())
}

/// Pages.
pub fn pages() -> Router<Core> {
    Router::new()
        .merge(pages::areas::router())
        .merge(pages::outline::router())
        .merge(pages::points::router())
        .merge(pages::ward::router())
}
