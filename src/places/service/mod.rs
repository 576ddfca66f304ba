//! What is done with areas and points, called by the API and the pages alike.

pub mod areas;
pub mod outline;
pub mod points;
