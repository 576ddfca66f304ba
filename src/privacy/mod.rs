//! What people may ask of their data: to be told all that is kept of them, and to be erased.
//!
//! Promises: an erasure is one step for every kind of person (households, landlords with their tenants, donors, logins,
//! volunteers), takes the person out of everything that others wrote about them, and leaves an anonymous shell, so that
//! totals and ledgers stay what they were; asked for twice it gives the same answer. Who was erased is known by keyed
//! hashes in the data folder, so that a back-up that is restored brings nobody back. What can't be undone is asked first.
//!
//! Composes acts of lower features in one transaction; its own tables hold no names.

pub mod again;
pub mod api;
mod consent_body;
mod erasure_body;
mod export;
pub mod journal;
pub mod pages;
pub mod routes;
pub mod scrub;
mod service;
mod store;
mod subject;

pub use self::subject::{Subject, SubjectKind};
