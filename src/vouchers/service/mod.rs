//! The use cases of rounds, vouchers, papers and keys.

pub mod issuing;
pub mod keys;
pub mod papers;
pub mod rounds;
pub mod vouchers;
