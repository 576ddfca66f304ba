//! The pages of duties that are handed over.

pub mod hand_overs;
