//! The cases that redemption must pass, online and told afterwards.

mod chains;
mod durability;
mod fairness;
mod facts;
mod leases;
pub mod market;
mod online;
mod pages;
mod plans;
