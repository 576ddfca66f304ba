//! The pages of the overview, and of the first steps.

pub mod overview;
pub mod start;
