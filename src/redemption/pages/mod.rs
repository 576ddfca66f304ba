//! The pages of handing out: following a round, a voucher's past, the desk, the paper list, the
//! history, conflicts, a phone with what it holds.

mod conflicts;
mod desk;
mod devices;
mod history;
mod roster;
mod round;
mod store;
mod voucher;
mod words;

use axum::Router;

use crate::http::Core;

/// What shows or does handovers.
pub fn router() -> Router<Core> {
    round::router()
        .merge(voucher::router())
        .merge(desk::router())
        .merge(roster::router())
        .merge(history::router())
        .merge(conflicts::router())
        .merge(devices::router())
}
