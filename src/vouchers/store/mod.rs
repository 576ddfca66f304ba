//! The SQL of rounds, vouchers and signing keys.

pub mod erasure;
pub mod issuing;
pub mod keys;
pub mod listings;
pub mod merges;
pub mod print;
pub mod reissue;
pub mod rounds;
pub mod vouchers;
