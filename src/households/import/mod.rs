//! Lists of households: from the file's rows to households, duplicates and errors.

pub mod duplicates;
pub mod rows;

pub use duplicates::{IdentityKeys, identity_keys};
pub use rows::{HouseholdRow, VOCABULARY, check_typed, read};
