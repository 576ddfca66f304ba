//! The routes of jobs.

use axum::Router;

use super::{api, pages};
use crate::http::{Api, Core};

/// Calls of the API.
pub fn api<A: Api>() -> A {
    A::new().merge(api::jobs::router())
}

/// Pages.
pub fn pages() -> Router<Core> {
    Router::new().merge(pages::jobs::router())
}
