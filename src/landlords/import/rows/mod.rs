//! The rows of a list of landlords: what a row is, how it is read, and which rows say the same or are of one landlord.

mod duplicates;
mod landlords;
mod options;
mod reading;
mod reduction;
mod row;
#[cfg(test)]
mod tests;
mod totals;
mod whole;

pub use duplicates::{LandlordKeys, landlord_keys};
pub use landlords::{ListedLandlord, landlords};
pub use options::Options;
pub use reading::{check_typed, read};
pub use reduction::Reduction;
pub use row::ReductionRow;
pub use totals::{ReductionTotals, totals};
pub use whole::Whole;
