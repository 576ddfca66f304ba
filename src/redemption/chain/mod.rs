//! A phone's records, chained by their hashes: a storage that was rolled back, or lost a record, is noticed.
//!
//! Promises: no record is refused for its place in the chain; a sequence that is skipped, used twice for different
//! records, or doesn't follow the record before it marks the phone with a conflict that a coordinator settles.

pub mod rules;
pub mod service;
pub mod store;
