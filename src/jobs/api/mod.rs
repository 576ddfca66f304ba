//! The JSON API of jobs.

pub mod jobs;
