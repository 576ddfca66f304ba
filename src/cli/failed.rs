//! Failures below the command line.

use crate::app::StartError;

/// Any failure below the command line, said plainly.
pub fn failed(error: impl std::fmt::Display) -> StartError {
    StartError::new(error.to_string(), error.to_string())
}
