//! The JSON API of logins, users, phones and the audit log.

pub mod audit;
pub mod devices;
pub mod second_factor;
pub mod session;
pub mod sign_on;
pub mod tokens;
pub mod users;
