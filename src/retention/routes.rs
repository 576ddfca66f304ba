//! The routes of retention.

use axum::Router;

use super::{api, pages};
use crate::http::{Api, Core};

/// Calls of the API.
pub fn api<A: Api>() -> A {
    A::new().merge(api::rules::router())
}

/// Pages.
pub fn pages() -> Router<Core> {
    Router::new().merge(pages::rules::router())
}
