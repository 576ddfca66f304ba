//! The volunteers' app: one static shell for everyone, its files under an address that changes with them, the service
//! worker that keeps them for work without a network, and the reader of still frames for phones that have none.
//!
//! Promises: no page here holds personal data or needs a login, so a phone may keep them all; whatever the app shows
//! of a household comes through the API, with the phone's own token.

pub mod api;
mod files;
pub mod pages;
pub mod routes;
pub mod still;
