//! Lists of landlords who cut or waive rent: from the file's rows to reductions with exact totals.
//!
//! Promises: nothing is stored as a reduction before the clerk commits what the preview shows; a commit is all or
//! nothing; the same row taken in twice is a duplicate; the staged list is sealed, and gone once it is committed.

pub mod api;
mod commit;
pub mod reduction;
pub mod rows;
mod stage;
mod store;

pub use reduction::Reduction;
pub use rows::{LandlordKeys, ReductionRow, VOCABULARY, check_typed, landlord_keys, read};

crate::ids! {
    /// A staged list.
    RentImportId,
}
