//! The pages of rent reductions: the public form and the landlord's private link; the head's queue, the table and one
//! reduction with its steps for staff.

mod detail;
mod imports;
mod list;
mod own;
mod pledge;
mod queue;
mod steps;
pub(super) mod words;

use axum::Router;
use axum::routing::{get, post};

use crate::http::Core;

/// `/giam-tien-tro` for everybody, `/rent` for staff.
pub fn router() -> Router<Core> {
    Router::new()
        .merge(pledge::router())
        .merge(own::router())
        .merge(imports::router())
        .route("/rent", get(list::table))
        .route("/rent/find", get(list::nothing_to_find).post(list::find))
        .route("/rent/export.xlsx", get(list::export))
        .route("/rent/queue", get(queue::queue))
        .route("/rent/{id}", get(detail::masked))
        .route("/rent/{id}/full", get(detail::back).post(detail::full))
        .route("/rent/{id}/letter", get(detail::letter))
        .route("/rent/{id}/verify", post(steps::verify))
        .route("/rent/{id}/edit", get(steps::edit_page).post(steps::edit))
        .route("/rent/{id}/reject", get(steps::reject_page).post(steps::reject))
        .route("/rent/{id}/confirm", get(steps::confirm_page).post(steps::confirm))
}
