//! The JSON API of the report.

pub mod public;
pub mod reports;
