//! The routes of campaigns.

use axum::Router;

use super::{api, pages};
use crate::http::{Api, Core};

/// Calls of the API.
pub fn api<A: Api>() -> A {
    A::new().merge(api::campaigns::router())
}

/// Pages.
pub fn pages() -> Router<Core> {
    Router::new().merge(pages::campaigns::router())
}
