//! The routes of donations.

use axum::Router;

use super::{api, pages};
use crate::http::{Api, Core};

/// Calls of the API.
pub fn api<A: Api>() -> A {
    A::new().merge(api::donations::router()).merge(api::imports::router())
}

/// Pages.
pub fn pages() -> Router<Core> {
    Router::new().merge(pages::donations::router()).merge(pages::donors::router()).merge(pages::imports::router())
}
