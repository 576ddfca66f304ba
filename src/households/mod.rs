//! The registry of households: who may be helped, where they live, and how to reach them.
//!
//! Promises: phone, id number and note are sealed at rest, numbers found by a keyed hash only, and why a
//! household is helped is kept as one; an id number belongs to one
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
pub mod stored_category;
mod view;

pub use self::category::Category;
pub use self::household::{
    Details, HouseholdStatus, Keys, parse_address, parse_birth_year, parse_head_name, parse_members, parse_note,
};
pub use self::household_body::{Merge, MergeBody};
pub use self::service::erasure;
pub use self::service::merge::merge;
pub use self::stored_category::StoredCategory;
pub use self::view::{Household, shown_after};
