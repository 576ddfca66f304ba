//! Lá Lành: relief work of a Vietnamese ward, from the neighbourhood's list to the public report.

pub mod goods;
pub mod households;
pub mod kernel;
pub mod landlords;
pub mod lists;
