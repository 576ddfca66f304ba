//! The routes of rent reductions: `/giam-tien-tro` for everybody, `/rent` for staff.

use axum::Router;

use super::{api, import, pages};
use crate::http::{Api, Core};

/// Calls of the API.
pub fn api<A: Api>() -> A {
    A::new()
        .merge(api::rent_reductions::router())
        .merge(api::verification::router())
        .merge(api::private_links::router())
        .merge(import::api::router())
}

/// Pages.
pub fn pages() -> Router<Core> {
    Router::new()
        .merge(pages::pledge_form::router())
        .merge(pages::private_link::router())
        .merge(import::pages::router())
        .merge(pages::rent_reductions::router())
        .merge(pages::verification_queue::router())
        .merge(pages::rent_reduction::router())
        .merge(pages::letter::router())
        .merge(pages::verification::router())
        .merge(pages::correction::router())
}
