//! Composition: opens the data folder and the database, builds the state and the router, runs the service.

pub mod connections;
pub mod docs;
mod document;
pub mod edge;
pub mod master;
pub mod open;
pub mod pace;
pub mod redirect;
pub mod rotation;
pub mod router;
pub mod runner;
pub mod serve;
pub mod settings;
mod start_error;
pub mod tls;

pub use document::document;
pub use open::{Options, open};
pub use router::router;
pub use start_error::StartError;
