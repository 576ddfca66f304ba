//! Duties of an officer that are handed over in one step when they leave, for a while or for good: how far they reach, the
//! lists they work on, the phones they invited.
//!
//! Promises: it is said before what will move; who gets them reaches what both reached and no more; it is handed back as one.

pub mod api;
mod hand_over;
pub mod pages;
pub mod routes;
pub mod rules;
mod service;
pub mod store;
mod view;

pub use hand_over::Moved;
