//! Which rows of a list are households that are registered already, and which area each row goes to.

mod areas;
mod importer;
mod lookup;
mod matches;

pub use areas::{AreaBook, DefaultAreas};
pub use importer::Importer;
pub use lookup::{BATCH, Found, Match, against_registry, may_be_stored};
pub use matches::Matches;
