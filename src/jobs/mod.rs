//! Work in the background: which jobs there are, when each is due, who carries one out, and how the last one went.
//!
//! Promises: one job at a time over all processes of a database; whoever lost its lease writes nothing more; what fails, or
//! has not run, is told on a page, by a call and in the metrics. What a job does stands above, in `app/runner.rs`.

pub mod api;
mod job;
pub mod lease;
pub mod measures;
pub mod pages;
pub mod routes;
pub mod rules;
pub mod service;
pub mod store;
mod view;
mod warning;

pub use job::{Counts, JobName, JobResult};
pub use lease::Lease;
pub use warning::Warning;
