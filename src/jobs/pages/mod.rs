//! The pages of jobs.

pub mod jobs;
