//! The pages of the registry.
//!
//! Lists and details show phone and id number masked and the note not at all; a login with the right to personal data
//! sees them in full in a step of its own, which is logged.

mod comparison;
pub mod duplicates;
pub mod household;
pub mod household_form;
pub mod households;
pub mod imports;
pub mod merges;
mod shown;
pub(super) mod words;
