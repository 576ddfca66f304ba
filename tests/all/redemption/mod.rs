//! The cases that redemption must pass, online and told afterwards.

pub mod chains;
mod devices;
mod durability;
mod admission;
mod fairness;
mod facts;
mod leases;
pub mod manifests;
pub mod market;
mod lost_phones;
mod online;
mod pages;
mod plans;
mod quarantine_pages;
mod refused_joins;
mod undone;
