//! The routes of rent reductions: `/giam-tien-tro` for everybody, `/rent` for staff.

use axum::Router;

use super::{api, pages};
use crate::http::{Api, Core};

/// Calls of the API.
pub fn api<A: Api>() -> A {
    A::new()
        .merge(api::rent_reductions::router())
        .merge(api::verification::router())
        .merge(api::private_links::router())
        .merge(api::imports::router())
}

/// Pages.
pub fn pages() -> Router<Core> {
    Router::new()
        .merge(pages::pledge_form::router())
        .merge(pages::private_link::router())
        .merge(pages::imports::router())
        .merge(pages::rent_reductions::router())
        .merge(pages::verification_queue::router())
        .merge(pages::rent_reduction::router())
        .merge(pages::letter::router())
        .merge(pages::verification::router())
        .merge(pages::correction::router())
}
