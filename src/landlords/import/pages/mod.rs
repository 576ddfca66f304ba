//! The pages of a ward's list of landlords: drop the file, see what becomes of every row, mend and decide, store it,
//! take it back.

mod list;
mod steps;
mod upload;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::web::Core;

/// `/rent/imports` and the pages below it.
pub(in crate::landlords) fn router() -> Router<Core> {
    Router::new()
        // An upload keeps its own limit.
        .route("/rent/imports", get(upload::earlier).post(upload::upload).layer(DefaultBodyLimit::disable()))
        .route("/rent/imports/{id}", get(list::show_page))
        .route("/rent/imports/{id}/rows", post(steps::save_rows))
        .route("/rent/imports/{id}/decide", post(steps::decide_all))
        .route("/rent/imports/{id}/columns", post(steps::choose_columns))
        .route("/rent/imports/{id}/commit", post(steps::commit))
        .route("/rent/imports/{id}/errors.xlsx", get(list::errors))
        .route("/rent/imports/{id}/undo", get(steps::ask_undo).post(steps::undo))
}
