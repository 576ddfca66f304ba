//! How long what is kept, and what for: rules, each with its period, its last run, and what it would drop now.
//!
//! Promises: totals, the ledger, answers to nonces and the audit log stay as they are, whatever is dropped; each transaction
//! is small; the ward changes the periods that are policy, within bounds, and not those that are safety.

pub mod api;
pub mod pages;
pub mod routes;
mod rule;
pub mod service;
pub mod store;
mod view;

pub use rule::Rule;
