//! The pages of rounds, issuing, papers and keys. What also shows handovers is a page of the redemption room.

mod find;
mod issue;
mod keys;
mod list;
mod paper;
mod rounds;
mod selection;

use axum::Router;

use crate::http::{Core, Error, Frame};
use crate::kernel::FieldError;

/// Rounds, issuing and their papers.
pub fn router() -> Router<Core> {
    rounds::router()
        .merge(issue::router())
        .merge(list::router())
        .merge(find::router())
        .merge(paper::router())
        .merge(keys::router())
}

/// What is wrong with one entry of a list (`point_ids[2]`) is shown at the list.
fn on_the_list(error: Error) -> Error {
    let Error::Invalid(errors) = error else { return error };
    let renamed = |error: FieldError| match error.field.split_once('[') {
        Some((list, _)) => FieldError { field: list.to_owned(), ..error },
        None => error,
    };
    Error::Invalid(errors.into_iter().map(renamed).collect())
}

/// What became of a voucher, in a word or two.
fn became(frame: &Frame, status: &str, received: i64, units: i64) -> &'static str {
    match (status, received) {
        ("void", _) => frame.t("Đã hủy", "Void"),
        (_, 0) => frame.t("Chưa nhận", "Not yet received"),
        _ if received < units => frame.t("Nhận một phần", "Partly received"),
        _ => frame.t("Đã nhận", "Received"),
    }
}
