//! The JSON API of the registry.

pub mod duplicates;
pub mod households;
pub mod imports;
