//! The JSON API of logins, users, phones and the audit log.

pub mod audit;
pub mod devices;
pub mod session;
pub mod tokens;
pub mod users;
