//! The pages of logins, phones and the audit log, and those that come before all others: logging in and out, the first
//! administrator, one's own account, the language.

pub mod account;
pub mod audit;
mod choices;
pub mod confirmed;
pub mod devices;
pub mod second_factor;
pub mod session;
pub mod sign_on;
pub mod tokens;
pub mod users;
mod words;
