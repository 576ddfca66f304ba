//! The registry of households: who may be helped, where they live, and how to reach them.
//!
//! Promises: phone and id number are sealed at rest and found by a keyed hash only; an id number belongs to one
//! active household; consent is stored with its moment and who took it, never assumed; a look at unmasked personal
//! data is logged; an erased household leaves an anonymous shell, so that totals stay true.

pub mod api;
pub mod category;
pub mod duplicates;
mod household;
mod household_body;
pub mod import;
mod lookup;
pub mod pages;
pub mod routes;
pub mod search;
mod service;
pub mod store;
mod view;

pub use self::category::Category;
pub use self::household::{
    Details, HouseholdStatus, Keys, parse_address, parse_birth_year, parse_head_name, parse_members, parse_note,
};
pub use self::household_body::{Merge, MergeBody};
pub use self::service::erasure;
pub use self::service::merge::merge;
pub use self::view::{Household, shown_after};
