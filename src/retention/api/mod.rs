//! The JSON API of retention.

pub mod rules;
