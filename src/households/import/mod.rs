//! Lists of households: from the file's rows to households, duplicates and errors, previewed and then stored.
//!
//! An upload is read once and kept sealed; every preview compares it with the registry anew, and the commit does so
//! inside its own transaction, so that nothing is stored twice however long the clerk thought about it.

pub mod commit;
pub mod decisions;
pub mod matching;
pub mod preview;
pub mod rows;
mod store;
pub mod undo;
pub mod vocabulary;

pub use rows::{HouseholdRow, IdentityKeys, Options, check_typed, identity_keys, read};
pub use vocabulary::VOCABULARY;

use crate::imports;
use crate::imports::kind::{Kind, ListKind};
use crate::people::rights::WriteHouseholds;

/// Lists of households.
pub struct Households;

/// One of them as it stands.
pub type Opened = imports::opened::Opened<Households>;

impl ListKind for Households {
    const KIND: Kind = Kind::Households;
    type Right = WriteHouseholds;
    const RECORD: &'static str = "household_import";
    const PERSONAL: bool = true;
}
