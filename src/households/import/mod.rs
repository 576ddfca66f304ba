//! Lists of households: from the file's rows to households, duplicates and errors, previewed and then stored.
//!
//! An upload is read once and kept sealed; every preview compares it with the registry anew, and the commit does so
//! inside its own transaction, so that nothing is stored twice however long the clerk thought about it.

pub mod api;
pub mod areas;
pub mod commit;
mod deciding;
pub mod duplicates;
pub mod kind;
pub mod matching;
mod met;
pub(super) mod pages;
pub mod preview;
pub mod rows;
pub mod store;
pub mod vocabulary;

pub use duplicates::{IdentityKeys, identity_keys};
pub use rows::{HouseholdRow, check_typed, read};
pub use vocabulary::VOCABULARY;

use crate::imports::kind::By;
use crate::kernel::ids::AreaId;

/// Where whoever imports may write to.
#[derive(Clone, Debug)]
pub struct Importer {
    /// The areas.
    pub scope: crate::places::AreaScope,
    /// The one that bounds them, when they are confined to one.
    pub own_area: Option<AreaId>,
}

impl Importer {
    /// A member of staff; the command line may write everywhere.
    pub fn of(by: By<'_>) -> Self {
        match by {
            Some(staff) => Self { scope: crate::places::AreaScope::of(staff), own_area: staff.area_id },
            None => Self { scope: crate::places::AreaScope::All, own_area: None },
        }
    }
}
