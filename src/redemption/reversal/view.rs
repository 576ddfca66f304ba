//! A reversal as it is told.

use serde::Serialize;
use uuid::Uuid;

use crate::kernel::Moment;

/// A reversal.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct ReversalView {
    /// The nonce of the redemption that was undone.
    pub nonce: Uuid,
    /// Why.
    #[schema(example = "Quét nhầm phiếu của hộ bên cạnh")]
    pub reason: String,
    /// When.
    pub at: Moment,
}
