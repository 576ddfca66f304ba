//! Who uses the service: staff and their roles, enrolled devices, logins, and the log of what they did.
//!
//! Promises: tokens and passwords are stored as hashes only; every handler learns who calls through the extractors
//! of [`caller`]; every change and every look at personal data is appended to the [`audit`] chain.

pub mod api;
pub mod audit;
pub mod audit_anchor;
pub mod audit_chain;
pub mod audit_entry;
pub mod audit_head;
pub mod caller;
mod device;
mod device_token;
pub mod device_view;
mod failures;
mod full_name;
mod known_browser;
mod lookup;
pub mod menu;
pub mod next_token;
pub mod pages;
pub mod password;
mod password_words;
mod permit;
mod provider;
pub mod presence;
pub mod role;
pub mod rights;
pub mod routes;
pub mod scope;
mod second_factor;
pub mod service;
mod session_cookie;
mod sign_on;
mod staff;
pub mod store;
mod token;
mod user;
mod user_view;
mod username;
mod visitor;
mod within;

pub use self::caller::{Caller, Newcomer, Uploader};
pub use self::device::Device;
pub use self::full_name::parse_full_name;
pub use self::lookup::reachable_device;
pub use self::pages::confirmed::Confirmed;
pub use self::permit::{Holder, Permit};
pub use self::rights::Grant;
pub use self::role::{Right, Role};
pub use self::scope::Scope;
pub use self::staff::Staff;
pub use self::token::NewToken;
pub use self::user::NewUser;
pub use self::username::parse_username;
pub use self::visitor::Visitor;
