//! The routes of people's data: beside those of each kind of person.

use axum::Router;

use super::{api, pages};
use crate::http::{Api, Core};

/// Calls of the API.
pub fn api<A: Api>() -> A {
    A::new().merge(api::erasure::router()).merge(api::exports::router()).merge(api::consents::router())
}

/// Pages.
pub fn pages() -> Router<Core> {
    Router::new().merge(pages::erasure::router()).merge(pages::exports::router()).merge(pages::consents::router())
}
