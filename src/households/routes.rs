//! The routes of the registry.

use axum::Router;

use super::{api, pages};
use crate::http::{Api, Core};

/// Calls of the API.
pub fn api<A: Api>() -> A {
    A::new().merge(api::households::router()).merge(api::duplicates::router()).merge(api::imports::router())
}

/// Pages.
pub fn pages() -> Router<Core> {
    Router::new()
        .merge(pages::households::router())
        .merge(pages::household_form::router())
        .merge(pages::duplicates::router())
        .merge(pages::household::router())
        .merge(pages::merges::router())
        .merge(pages::imports::router())
}
