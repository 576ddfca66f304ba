//! Failures below the command line.

use crate::app::StartError;
use crate::http::Error;

/// Any failure below the command line, said plainly.
pub fn failed(error: impl std::fmt::Display) -> StartError {
    StartError::new(error.to_string(), error.to_string())
}

/// An act that was refused, in the words that its caller over HTTP would read: the first field's, where fields are wrong.
/// A defect, which such a caller never sees, is shown to the operator.
pub fn refused(error: Error) -> StartError {
    match error {
        Error::Internal(error) => failed(error),
        Error::Invalid(errors) if !errors.is_empty() => StartError { say: errors[0].say.clone() },
        other => StartError { say: other.say() },
    }
}
