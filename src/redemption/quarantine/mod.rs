//! Records of a revoked phone that it may not have made: kept without moving goods until a coordinator accepts them.
//!
//! Promises: nothing that a phone tells is lost; what waits is one open conflict a phone; accepted, a record is decided
//! like any other fact, and a second acceptance changes nothing.

pub mod record;
pub mod service;
pub mod store;
