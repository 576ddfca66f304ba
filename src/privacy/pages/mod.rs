//! The pages of people's data: told and printed, erased.

pub mod consents;
pub mod erasure;
pub mod exports;
mod words;
