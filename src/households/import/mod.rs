//! Lists of households: from the file's rows to households, duplicates and errors.

pub mod duplicates;
pub mod rows;
pub mod vocabulary;

pub use duplicates::{IdentityKeys, identity_keys};
pub use rows::{HouseholdRow, check_typed, read};
pub use vocabulary::VOCABULARY;
