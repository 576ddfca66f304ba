//! The rows of a list of donors: what a row is, how it is read, and which rows say the same.

mod donor;
mod duplicates;
mod lines;
mod options;
mod reading;
mod row;
mod sums;
#[cfg(test)]
mod tests;
mod things;
mod units;

pub use donor::Donor;
pub use options::{Options, ReadOptions};
pub use reading::{check_typed, read};
pub use row::DonationRow;
pub use sums::Sums;
pub use things::DonationLine;
pub use units::in_base_unit;
