//! The SQL of erasures, and of what is told of a person.

pub mod erasures;
pub mod told;
