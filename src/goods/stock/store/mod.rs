//! The SQL of the stock: [`ledger`] writes and checks it, [`sums`] adds it up, [`listings`] lists entries and lots,
//! [`records`] keeps transfers and adjustments.

pub mod ledger;
pub mod listings;
pub mod records;
pub mod sums;

pub use ledger::*;
pub use listings::*;
pub use records::*;
pub use sums::*;

/// Rows that an answer without pages has at most.
const MAX_ROWS: i64 = 50_000;
