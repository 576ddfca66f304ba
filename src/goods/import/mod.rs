//! Lists of donors: from the file's rows to donations of goods, ready-made packages and cash.

pub mod rows;
pub mod things;

pub use rows::{DonationRow, Donor, DonorKind, ImportOptions, VOCABULARY, check_typed, read};
pub use things::DonationLine;
