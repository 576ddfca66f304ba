//! The JSON API for phones.

pub mod stills;
