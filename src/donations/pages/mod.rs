//! The pages of donors and donations.

pub mod donations;
pub mod donors;
pub mod imports;
