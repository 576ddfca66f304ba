//! The JSON API of keys, rounds and vouchers.

mod keys;

use utoipa_axum::router::OpenApiRouter;

use crate::web::Core;

/// Keys, rounds and vouchers.
pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().merge(keys::router())
}
