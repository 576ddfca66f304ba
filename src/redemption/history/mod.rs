//! What was scanned: one answer again, the list, and the counts per package and point.

pub mod store;
pub mod view;

use serde::Serialize;
use uuid::Uuid;

use super::answer::Detail;
use super::outcome::Outcome;
use super::scan::Source;
use crate::kernel::Moment;
use crate::kernel::ids::PointId;

/// A kept scan.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ScanView)]
pub struct KeptScan {
    /// Its nonce.
    pub nonce: Uuid,
    /// What was decided.
    pub outcome: Outcome,
    /// `online`, `offline`, `roster` or `override`.
    pub source: Source,
    /// The voucher, when the code proved to be one.
    pub voucher_id: Option<Uuid>,
    /// Whether goods left.
    pub handed_out: bool,
    /// How many units left.
    pub units: i64,
    /// The point.
    pub point_id: PointId,
    /// The desk.
    pub desk: String,
    /// By the phone's clock.
    pub scanned_at: Moment,
    /// By the server's clock.
    pub received_at: Moment,
    /// When it was undone.
    pub reversed_at: Option<Moment>,
    /// What explained the outcome.
    pub detail: Detail,
    /// The rules' and the record's marks.
    pub flags: Vec<String>,
}

/// Packages handed out of one kind at one point.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Count {
    /// The round.
    pub round_id: Uuid,
    /// The package.
    pub package_id: Uuid,
    /// The point.
    pub point_id: PointId,
    /// Units handed out, what was undone not counted.
    #[schema(example = 170)]
    pub handed_out: i64,
    /// Units handed out and undone.
    pub reversed: i64,
    /// Scans that were refused.
    pub refused: i64,
}
