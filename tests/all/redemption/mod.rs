//! The cases that redemption must pass, online and told afterwards.

mod durability;
mod facts;
pub mod market;
mod online;
mod plans;
