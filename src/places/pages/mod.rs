//! The pages of areas, distribution points and warehouses.

pub mod areas;
mod first_setup;
mod list_query;
pub mod outline;
pub mod points;
pub mod ward;
