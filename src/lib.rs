//! Lá Lành: relief work of a Vietnamese ward, from the neighbourhood's list to the public report.

pub mod kernel;
pub mod vouchers;
