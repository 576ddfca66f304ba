//! The JSON API of people's data.

pub mod consents;
pub mod erasure;
pub mod exports;
