//! A record that lies sealed until a coordinator decides about it.

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::http::Core;
use crate::kernel::Moment;
use crate::kernel::ids::PointId;
use crate::redemption::admission::rules::Doubt;
use crate::redemption::scan::Scan;
use crate::vault::Purpose;

/// A record to be kept.
#[derive(Debug)]
pub struct Record {
    pub nonce: Uuid,
    pub point_id: PointId,
    pub voucher_id: Uuid,
    pub desk: String,
    pub units: i64,
    pub scanned_at: Moment,
    pub doubt: Doubt,
    pub sealed: Vec<u8>,
}

impl Record {
    /// The record that an upload's item holds.
    pub fn new(core: &Core, scan: &Scan, voucher_id: Uuid, item: &Value, doubt: Doubt) -> Self {
        Self {
            nonce: scan.nonce,
            point_id: scan.point_id,
            voucher_id,
            desk: scan.desk.clone(),
            units: scan.units,
            scanned_at: scan.scanned_at,
            doubt,
            sealed: core.vault.seal(Purpose::Record, item.to_string().as_bytes()),
        }
    }
}

/// A record in quarantine.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct QuarantinedView {
    /// Its nonce.
    pub nonce: Uuid,
    /// The voucher.
    pub voucher_id: Uuid,
    /// Its serial in its round.
    pub serial: i64,
    /// Its round's name.
    pub round: String,
    /// The head of its household.
    pub head_name: String,
    /// The point's name.
    pub point: String,
    /// The desk.
    pub desk: String,
    /// Units.
    pub units: i64,
    /// By the phone's clock.
    pub scanned_at: Moment,
    /// By the server's clock.
    pub received_at: Moment,
    /// `made_after_revocation`, `not_held`, `too_many_units` or `too_many_after_revocation`.
    pub why: Doubt,
    /// Whether a coordinator took it as a handover; null while it waits.
    pub accepted: Option<bool>,
}
