//! Lists of landlords who cut or waive rent: from the file's rows to reductions with exact totals.
//!
//! Promises: nothing is stored as a reduction before the clerk commits what the preview shows; a commit is all or
//! nothing; the same row taken in twice is a duplicate; the staged list is sealed, and gone once it is committed.

pub mod api;
mod commit;
mod decisions;
pub mod duplicates;
pub(super) mod kind;
pub(super) mod pages;
mod preview;
pub mod reduction;
pub mod rows;
mod stage;
mod store;
pub mod vocabulary;

pub use duplicates::{LandlordKeys, landlord_keys};
pub use reduction::Reduction;
pub use rows::{ReductionRow, ReductionTotals, check_typed, read, totals};
pub use vocabulary::VOCABULARY;
