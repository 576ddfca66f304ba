//! Whose fault it is when one of many records has no answer.

use crate::http::{Error, Result};
use crate::redemption::answer::Answer;
use crate::redemption::batch::Decided;

/// An answer, or the error of one record. What is not the record's fault fails the request: the phone keeps all.
pub(super) fn of_one(decided: Result<Decided>) -> Result<Result<Answer>> {
    match decided.and_then(|decided| decided.map_err(Error::from)) {
        Err(error @ (Error::Busy | Error::StorageFull | Error::Internal(_))) => Err(error),
        answer => Ok(answer),
    }
}
