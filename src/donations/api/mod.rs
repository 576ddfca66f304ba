//! The JSON API of donors and donations.

pub mod donations;
pub mod imports;
