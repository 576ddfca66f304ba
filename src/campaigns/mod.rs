//! Campaigns (chương trình): what a call for help is named, its days, and how long a household waits between gifts.

pub mod api;
mod campaign;
pub mod choices;
pub mod pages;
pub mod routes;
mod service;
pub mod store;

pub use campaign::Campaign;
pub use service::require_campaign;
