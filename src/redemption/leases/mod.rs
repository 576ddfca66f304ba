//! Leases: what one phone alone may hand out while it has no network.
//!
//! Promises: a voucher is leased to one phone at most; a lease ends when its phone gives the voucher back or reports
//! with all its records here, or when a coordinator releases it with a reason, never by time; what is leased elsewhere
//! is recalled from its holder while the holder is heard. `docs/phone-protocol.md` tells the phone's half; the
//! simulation in `tests/all/simulation` checks both halves together.

pub(super) mod ask;
mod lease;
mod limits;
pub(super) mod lookup;
pub mod manifest;
pub(super) mod report;
pub(super) mod risk;
pub mod rules;
pub mod seal;
pub(super) mod service;
mod share;
pub mod store;
pub(super) mod view;

pub use lease::Lease;
pub use limits::{HEARD_SECS, RECALL_SECS, USE_SECS};
pub use rules::LeaseState;
pub use share::Share;
