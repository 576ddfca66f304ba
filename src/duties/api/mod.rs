//! The JSON API of duties that are handed over.

pub mod hand_overs;
