//! Merging a household into another: an act on the registry, vouchers and scans together.

pub mod service;
mod store;
