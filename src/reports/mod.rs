//! The committee's totals: what was mobilised and handed out, rent forgone, goods, rounds; and what the law publishes.
//!
//! Promises: reads only; every figure names the listing of the rows it is the sum of; the public page holds totals
//! and the names of organisations, never personal data.

pub mod api;
pub mod charts;
mod figures;
pub mod pages;
mod period;
pub mod prose;
pub mod public;
mod published;
mod rent;
pub mod routes;
mod rows_filter;
mod service;
pub mod store;
mod summary;
pub mod workbook;

pub use figures::{
    Cash, Counted, Figure, GoodsFigure, Packages, Rent, RentByStatus, RentOfStatus, RoundFigure, Summary,
};
pub use period::{Bounds, Period};
pub use summary::summary;
