//! Lists of landlords who cut or waive rent: from the file's rows to reductions with exact totals.

pub mod duplicates;
pub mod reduction;
pub mod rows;
pub mod vocabulary;

pub use duplicates::{LandlordKeys, landlord_keys};
pub use reduction::Reduction;
pub use rows::{ReductionRow, ReductionTotals, check_typed, read, totals};
pub use vocabulary::VOCABULARY;
