//! Goods: campaigns, items and packages, donors and donations, and the stock ledger.
//!
//! One stock dimension, items: everything on a shelf is an item in its smallest unit. A donation of ready-made
//! packages whose contents are known (`package_id`) enters stock as those items; packages of unknown contents count
//! in the donations' totals and never in stock. So for each item received = handed out + spoiled (and other
//! adjustments) + on hand, to the gram, at every moment.
//!
//! Goods enter at a point. Where a donation names none, the only warehouse is meant; where there are several, the
//! donation must say which.

pub mod campaigns;
pub mod catalogue;
pub mod choices;
pub mod donations;
pub mod import;
pub mod scope;
pub mod stock;
pub mod store;
mod typed;

use axum::Router;

pub use campaigns::Campaign;
pub use catalogue::{Item, Package, PackageItem};

use crate::http::{Api, Core};

/// Everything of this room.
pub fn router<A: Api>() -> A {
    A::new()
        .merge(campaigns::api::router())
        .merge(catalogue::items_api::router())
        .merge(catalogue::packages_api::router())
        .merge(donations::api::router())
        .merge(import::api::router())
        .merge(stock::api::router())
        .merge(stock::transfers_api::router())
        .merge(stock::adjustments_api::router())
        .merge(stock::counts_api::router())
}

/// The pages of this room.
pub fn pages() -> Router<Core> {
    Router::new()
        .merge(campaigns::pages::router())
        .merge(catalogue::item_pages::router())
        .merge(catalogue::package_pages::router())
        .merge(donations::donor_pages::router())
        .merge(donations::pages::router())
        .merge(import::pages::router())
        .merge(stock::pages::router())
}
