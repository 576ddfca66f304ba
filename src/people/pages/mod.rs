//! The pages of logins, phones and the audit log, and those that come before all others: logging in and out, the first
//! administrator, one's own account, the language.

mod account;
mod audit;
mod choices;
pub mod devices;
mod session;
mod users;
mod words;

use axum::Router;

use crate::http::Core;

/// `/login`, `/setup`, `/account`, `/users`, `/devices`, `/audit` and what lies below them.
pub fn router() -> Router<Core> {
    Router::new()
        .merge(session::router())
        .merge(account::router())
        .merge(users::router())
        .merge(devices::router())
        .merge(audit::router())
}
