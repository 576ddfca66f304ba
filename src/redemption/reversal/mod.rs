//! Undoing a handover: a new record that refers to the one it undoes; the same goods return to the same lots.

pub mod service;
pub mod store;
mod view;

pub use view::ReversalView;
