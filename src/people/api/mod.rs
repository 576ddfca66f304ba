//! The JSON API of logins, users, phones and the audit log.

mod audit;
pub(super) mod devices;
mod login;
pub(super) mod users;

use utoipa_axum::router::OpenApiRouter;

use crate::web::Core;

/// Logins, users, phones and the audit log.
pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().merge(login::router()).merge(users::router()).merge(devices::router()).merge(audit::router())
}
