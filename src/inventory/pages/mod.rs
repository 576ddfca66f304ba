//! The pages of items, packages and stock.

pub mod adjustments;
pub mod counts;
pub mod items;
pub mod ledger;
pub mod lots;
mod moved;
mod offers;
pub mod packages;
pub mod stock;
pub mod transfers;
pub mod turnover;
