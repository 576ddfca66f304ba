//! The rows of a list of households: what a row is, how it is read, and which rows are the same household.

mod duplicates;
mod options;
mod reading;
mod row;
#[cfg(test)]
mod tests;

pub use options::Options;
pub use reading::{check_typed, read};
pub use row::{HouseholdRow, IdentityKeys, identity_keys};
