//! The pages of items, packages and stock.

pub mod adjustments;
pub mod counts;
pub mod items;
pub mod ledger;
pub mod lots;
mod offers;
pub mod packages;
pub mod stock;
mod summary;
pub mod transfers;
pub mod turnover;
