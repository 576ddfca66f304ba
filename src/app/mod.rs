//! Composition: opens the data folder and the database, builds the state and the router, runs the service.

pub mod connections;
pub mod docs;
mod document;
pub mod edge;
pub mod open;
pub mod pace;
pub mod redirect;
pub mod router;
pub mod serve;
pub mod settings;
pub mod tls;

pub use document::document;
pub use open::{Options, StartError, open};
pub use router::router;
