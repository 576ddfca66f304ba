//! The JSON API of rent reductions.

pub mod imports;
pub mod private_links;
pub mod rent_reductions;
pub mod verification;
