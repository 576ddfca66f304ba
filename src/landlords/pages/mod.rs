//! The pages of rent reductions: the public form and the landlord's private link; the head's queue, the list and one
//! reduction for staff.

mod own;
mod public;
mod words;

use axum::Router;

use crate::web::Core;

/// `/giam-tien-tro` for everybody, `/rent` for staff.
pub fn router() -> Router<Core> {
    Router::new().merge(public::router()).merge(own::router())
}
