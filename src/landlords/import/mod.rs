//! Lists of landlords who cut or waive rent: from the file's rows to reductions with exact totals.

pub mod reduction;
pub mod rows;

pub use reduction::Reduction;
pub use rows::{LandlordKeys, ReductionRow, VOCABULARY, check_typed, landlord_keys, read};
