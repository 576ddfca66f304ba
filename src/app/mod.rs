//! Composition: opens the data folder and the database, builds the state and the router, runs the service.

pub mod docs;
mod open;
pub mod router;
pub mod serve;

pub use open::{Options, StartError, open};
pub use router::router;
