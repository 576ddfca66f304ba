//! The SQL of the inventory: [`catalogue`] keeps items and packages, [`numbers`] numbers papers, [`ledger`] writes and
//! checks what moves, [`sums`] adds it up, [`listings`] lists entries and lots, [`records`] keeps transfers and
//! adjustments.

pub mod catalogue;
pub mod ledger;
pub mod listings;
pub mod numbers;
pub mod records;
pub mod sums;

/// Rows that an answer without pages has at most.
const MAX_ROWS: i64 = 50_000;
