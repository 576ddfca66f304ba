//! What is done with leases: taken and refreshed, given back, reported, released, asked back.

pub mod recalls;
pub mod release;
pub mod report;
pub mod take;
