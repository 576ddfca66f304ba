//! The pages of handing out: following a round, the desk, the history, conflicts.

mod round;

use axum::Router;

use crate::web::Core;

/// What shows or does handovers.
pub fn router() -> Router<Core> {
    round::router()
}
