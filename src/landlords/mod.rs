//! Landlords, their rooms, and the rent they forgo.

pub mod import;
