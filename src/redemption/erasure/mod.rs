//! What scans, conflicts and leases tell of a person: who collected, why a rule was overridden, who carried the phone.

pub mod service;
mod store;
