//! Who uses the service: staff and their roles, enrolled devices, logins, and the log of what they did.
//!
//! Promises: tokens and passwords are stored as hashes only; every handler learns who calls through the extractors
//! of [`caller`]; every change and every look at personal data is appended to the [`audit`] chain.

pub mod api;
pub mod audit;
pub mod caller;
pub mod login;
pub mod page;
pub mod pages;
pub mod password;
pub mod presence;
pub mod role;
pub mod scope;
pub mod setup;
pub mod store;

pub use crate::http::throttle;
pub use caller::{Caller, Device, Staff, Uploader};
pub use page::Visitor;
pub use role::{Right, Role};
pub use scope::{Scope, Within};
