//! The SQL of rounds, vouchers and signing keys.

pub mod keys;
