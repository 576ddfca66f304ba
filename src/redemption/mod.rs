//! The heart: one household, one package, once, durably, even with bad networks.
//!
//! Promises: every scan gets one decision, made by the pure function [`rules::decide`] after its rows are locked;
//! the answer leaves only after the commit is on disk; the same nonce always gets the first answer; every scan is
//! kept, refused ones too; stock moves in the same transaction; a record that says "this was handed out" is taken
//! as fact, and what contradicts it becomes a visible conflict, never a lost record.

pub mod admission;
pub mod answer;
pub mod api;
pub mod batch;
pub mod chain;
pub mod conflicts;
pub mod engine;
pub mod erasure;
pub mod history;
pub mod intake;
pub mod leases;
pub mod merges;
mod outcome;
pub mod pages;
pub mod presented;
pub mod quarantine;
pub mod retention;
pub mod reversal;
mod roster;
pub mod routes;
pub mod rules;
mod scan;
mod service;
pub mod store;
mod upload;

pub use engine::Engine;
pub use outcome::Outcome;
pub use presented::Presented;
pub use scan::{Collector, Operator, Scan, Source, fact_nonce_of};
