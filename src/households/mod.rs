//! Households: who may receive, where they live and why.

pub mod category;
pub mod import;

pub use category::Category;
