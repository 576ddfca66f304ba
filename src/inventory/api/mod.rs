//! The JSON API of items, packages and stock.

pub mod adjustments;
pub mod counts;
pub mod items;
pub mod packages;
pub mod stock;
pub mod transfers;
