//! The routes of duties that are handed over.

use axum::Router;

use super::{api, pages};
use crate::http::{Api, Core};

/// Calls of the API.
pub fn api<A: Api>() -> A {
    A::new().merge(api::hand_overs::router())
}

/// Pages.
pub fn pages() -> Router<Core> {
    Router::new().merge(pages::hand_overs::router())
}
