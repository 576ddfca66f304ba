//! The JSON API of logins, users, phones and the audit log.

mod audit;
pub mod devices;
mod login;
pub(super) mod users;

use crate::http::Api;

/// Logins, users, phones and the audit log.
pub fn router<A: Api>() -> A {
    A::new().merge(login::router()).merge(users::router()).merge(devices::router()).merge(audit::router())
}
