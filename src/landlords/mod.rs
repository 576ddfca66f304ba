//! Landlords who cut rent: pledged by a form or a ward's list, verified by the neighbourhood head, confirmed as given.
//!
//! Promises: a room's month counts once, however many pledges name it; the đồng of a reduction are exact; what was
//! pledged and what was given in the end are kept apart; a landlord's phone is sealed and shown in full only to those
//! who need it.

pub mod api;
mod correction;
pub mod import;
mod landlord;
mod lookup;
mod own_reduction;
pub mod pages;
mod pledge;
mod reduction;
mod rent_line;
mod room;
pub mod routes;
pub mod rules;
mod service;
mod step;
pub mod store;
mod submitter;

pub use self::landlord::Landlord;
pub use self::reduction::{Reduction, ReductionStatus};
pub use self::rent_line::{CutKind, RentLine};
pub use self::service::erasure;
