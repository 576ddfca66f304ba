//! Lists of donors: from the file's rows to donations of goods, ready-made packages and cash.

pub mod api;
pub mod commit;
pub mod donor;
pub mod kind;
mod known;
mod lines;
pub(crate) mod pages;
pub mod preview;
pub mod rows;
mod store;
pub mod things;
mod undo;
pub mod vocabulary;

pub use donor::Donor;
pub use rows::{DonationRow, ImportOptions, check_typed, read};
pub use things::DonationLine;
pub use vocabulary::VOCABULARY;
