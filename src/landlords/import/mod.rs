//! Lists of landlords who cut or waive rent: from the file's rows to reductions with exact totals.
//!
//! Promises: nothing is stored as a reduction before the clerk commits what the preview shows; a commit is all or
//! nothing; the same row taken in twice is a duplicate; the staged list is sealed, and gone once it is committed.

pub mod commit;
pub mod decisions;
pub mod matching;
pub mod preview;
pub mod rows;
mod store;
pub mod undo;
pub mod vocabulary;

pub use rows::{
    LandlordKeys, Options, Reduction, ReductionRow, ReductionTotals, check_typed, landlord_keys, read, totals,
};
pub use vocabulary::VOCABULARY;

use crate::imports;
use crate::imports::kind::{Kind, ListKind};
use crate::people::rights::WriteRent;

/// Lists of landlords.
pub struct RentReductions;

/// One of them as it stands.
pub type Opened = imports::opened::Opened<RentReductions>;

impl ListKind for RentReductions {
    const KIND: Kind = Kind::RentReductions;
    type Right = WriteRent;
    const RECORD: &'static str = "rent_import";
    const PERSONAL: bool = true;
}
