//! The routes of donations.

use axum::Router;

use super::{api, import, pages};
use crate::http::{Api, Core};

/// Calls of the API.
pub fn api<A: Api>() -> A {
    A::new().merge(api::donations::router()).merge(import::api::router())
}

/// Pages.
pub fn pages() -> Router<Core> {
    Router::new().merge(pages::donations::router()).merge(pages::donors::router()).merge(import::pages::router())
}
