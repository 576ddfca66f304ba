//! The JSON API of the overview.

pub mod live;
