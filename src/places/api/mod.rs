//! The JSON API of areas and points.

pub mod areas;
pub mod outline;
pub mod points;
