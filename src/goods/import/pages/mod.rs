//! The pages of imported lists of donors: drop a file, see what would become of every row, mend and decide, store, take
//! back.

mod list;
mod steps;
mod upload;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::web::Core;

/// `/donations/imports` and the pages below it.
pub fn router() -> Router<Core> {
    Router::new()
        // An upload keeps its own limit.
        .route("/donations/imports", get(upload::earlier).post(upload::upload).layer(DefaultBodyLimit::disable()))
        .route("/donations/imports/{id}", get(list::show_page))
        .route("/donations/imports/{id}/rows", post(steps::save_rows))
        .route("/donations/imports/{id}/decide", post(steps::decide_all))
        .route("/donations/imports/{id}/columns", post(steps::choose_columns))
        .route("/donations/imports/{id}/commit", post(steps::commit))
        .route("/donations/imports/{id}/errors.xlsx", get(list::errors))
        .route("/donations/imports/{id}/undo", get(steps::ask_undo).post(steps::undo))
}
