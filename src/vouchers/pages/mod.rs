//! The pages of rounds, issuing, papers and keys. What also shows handovers is a page of redemption.

pub mod find;
pub mod issuing;
pub mod keys;
pub mod reissue;
pub mod rounds;
mod selection;
pub mod vouchers;
mod words;
