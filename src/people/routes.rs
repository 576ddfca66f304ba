//! The routes of logins, phones and the audit log.

use axum::Router;

use super::{api, pages};
use crate::http::{Api, Core};

/// Calls of the API.
pub fn api<A: Api>() -> A {
    A::new()
        .merge(api::session::router())
        .merge(api::second_factor::router())
        .merge(api::sign_on::router())
        .merge(api::users::router())
        .merge(api::tokens::router())
        .merge(api::devices::router())
        .merge(api::audit::router())
}

/// Pages: `/login`, `/setup`, `/account`, `/users`, `/devices`, `/audit` and what lies below them; `/settings/second-factor`.
pub fn pages() -> Router<Core> {
    Router::new()
        .merge(pages::session::router())
        .merge(pages::account::router())
        .merge(pages::second_factor::router())
        .merge(pages::sign_on::router())
        .merge(pages::users::router())
        .merge(pages::tokens::router())
        .merge(pages::devices::router())
        .merge(pages::audit::router())
}
