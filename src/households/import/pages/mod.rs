//! The pages of imported lists: drop a file, see what became of every row, mend and decide, store, take back.

mod list;
mod steps;
mod undo;
mod upload;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::web::Core;

/// `/households/imports` and the pages below it.
pub fn router() -> Router<Core> {
    Router::new()
        // An upload keeps its own limit.
        .route("/households/imports", get(upload::earlier).post(upload::upload).layer(DefaultBodyLimit::disable()))
        .route("/households/imports/progress/{key}", get(upload::progress))
        .route("/households/imports/{id}", get(list::show_page))
        .route("/households/imports/{id}/rows", post(steps::save_rows))
        .route("/households/imports/{id}/decide", post(steps::decide_all))
        .route("/households/imports/{id}/columns", post(steps::choose_columns))
        .route("/households/imports/{id}/commit", post(steps::commit))
        .route("/households/imports/{id}/errors.xlsx", get(list::errors))
        .route("/households/imports/{id}/undo", get(undo::ask).post(undo::undo))
}
