//! What is done at a desk and told afterwards, called by the API and the pages alike. Handovers go through the engine, which
//! commits by itself; what else is done is in the services of [`super::conflicts`], [`super::leases`],
//! [`super::reversal`], [`super::quarantine`] and [`super::chain`].

mod results;
pub mod roster;
pub mod scans;
pub mod uploads;
