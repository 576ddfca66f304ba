//! Donors and donations: goods, ready-made packages and cash, and what of it enters the stock.
//!
//! Goods enter stock at the donation's point. Where a donation names none, the only warehouse is meant; where there are
//! several, the donation must say which. Packages of known contents (`package_id`) enter as their items, count ×
//! quantity; packages of unknown contents and cash are only counted. A donor's condition binds the gift's use and is
//! kept in the donor's words. A donor is the same when kind, anonymity and the folded name are.

pub mod api;
mod donation;
mod donor;
pub mod erasure;
mod export;
mod form;
mod given;
pub mod import;
pub mod pages;
pub mod record;
pub mod routes;
mod service;
pub mod store;
pub mod trace;

pub use donation::{Donation, DonationLine, LineKind, NewDonation, NewLine};
pub use donor::{ANONYMOUS, Donor, DonorKind, NewDonor};
