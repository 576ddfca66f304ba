//! The pages of retention.

pub mod rules;
