//! The SQL of the registry: single [`households`] and what surrounds one ([`history`]), the [`table`] that staff see,
//! [`pairs`] that may be one household, [`merges`], [`erasure`]; what a list [`fills`], and what [`undo`] takes back with it.

pub mod erasure;
pub mod fills;
mod filter;
mod history;
mod households;
mod merges;
pub mod pairs;
pub mod reseal;
mod sealing;
pub mod table;
pub mod undo;

pub use self::filter::Filter;
pub use self::history::{
    HandoverPast, PastStatus, Surroundings, VoucherPast, handovers_of, surroundings, unused_vouchers, vouchers_of,
};
pub use self::households::{
    Consent, NewHousehold, Stored, by_citizen, by_number, by_words, consent_of, household, insert, lock, replace,
    same_name, sealed_note,
};
pub use self::merges::{inherit, merge};
pub use self::sealing::seal_plain;
