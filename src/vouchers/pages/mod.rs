//! The pages of rounds, issuing, papers and keys. What also shows handovers is a page of the redemption room.

mod issue;
mod list;
mod rounds;
mod selection;

use axum::Router;

use crate::kernel::FieldError;
use crate::web::{Core, Error};

/// Rounds, issuing and their papers.
pub fn router() -> Router<Core> {
    rounds::router().merge(issue::router()).merge(list::router())
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
