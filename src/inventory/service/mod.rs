//! What is done with items, packages and stock.

pub mod adjustments;
pub mod counts;
pub mod items;
pub mod packages;
pub mod transfers;
