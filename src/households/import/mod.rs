//! Lists of households: from the file's rows to households, duplicates and errors, previewed and then stored.
//!
//! An upload is read once and kept sealed; every preview compares it with the registry anew, and the commit does so
//! inside its own transaction, so that nothing is stored twice however long the clerk thought about it.

pub mod api;
pub mod areas;
pub mod commit;
pub(super) mod deciding;
pub mod duplicates;
pub mod matching;
pub(super) mod opened;
pub(super) mod pages;
pub mod preview;
pub mod rows;
mod steps_api;
pub mod store;
pub mod vocabulary;

pub use duplicates::{IdentityKeys, identity_keys};
pub use rows::{HouseholdRow, check_typed, read};
pub use vocabulary::VOCABULARY;

use crate::people::audit::Actor;

/// Who imports, and where they may.
#[derive(Clone, Debug)]
pub struct Importer {
    /// For the audit log.
    pub actor: Actor,
    /// The areas they may write to.
    pub scope: super::Scope,
    /// The area that bounds them, when they are confined to one.
    pub own_area: Option<crate::people::AreaId>,
}
