//! The JSON API of redemptions, leases and conflicts.

pub mod conflicts;
pub mod history;
pub mod lease_oversight;
pub mod leases;
pub mod merges;
pub mod phone_leases;
pub mod recalls;
mod results;
pub mod roster;
pub mod scans;
pub mod uploads;
