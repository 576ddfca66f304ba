//! What is done with people's data, called by the API, the pages and the command line alike.

pub mod consents;
pub mod erasure;
pub mod telling;
