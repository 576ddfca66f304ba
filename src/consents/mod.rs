//! What people agreed to: for which purpose, after which text, how it was asked, when and by whom, and when they took it back.
//!
//! Promises: a consent is a record of its own, never assumed and never written over; it is taken back by one step, with when,
//! how and why. Texts have versions ([`text`]); the one that was shown is kept with the consent. Once the person is erased the
//! record stays without the person: keyed hashes of the name with a number or an address tell whether a paper that somebody
//! brings is this one, and nobody without that paper can find whose it was.

mod consent;
pub mod service;
mod store;
pub mod text;

pub use self::consent::{Consent, ConsentChannel, ConsentSubject, Given, Owner, Purpose};
