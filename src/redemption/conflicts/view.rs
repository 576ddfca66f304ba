//! A conflict as it is shown.

use serde::Serialize;
use uuid::Uuid;

use crate::kernel::Moment;
use crate::kernel::ids::{ConflictId, DeviceId};
use crate::redemption::chain::rules::Trouble;
use crate::redemption::outcome::Outcome;
use crate::redemption::quarantine::record::QuarantinedView;
use crate::redemption::rules::ConflictKind;
use crate::redemption::scan::{Collector, Source};

/// One of the two handovers of a conflict.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct HandoverView {
    /// Its nonce.
    pub nonce: Uuid,
    /// What was answered.
    pub outcome: Outcome,
    /// `online`, `offline`, `roster` or `override`.
    pub source: Source,
    /// By the phone's clock.
    pub scanned_at: Moment,
    /// By the server's clock.
    pub received_at: Moment,
    /// The point's name.
    pub point: String,
    /// The desk.
    pub desk: String,
    /// Who handed out: the volunteer of the phone, or the name of who has the login.
    pub by: String,
    /// The phone's name.
    pub device: Option<String>,
    /// The phone.
    pub device_id: Option<DeviceId>,
    /// Whether somebody collected for the household.
    pub proxy: bool,
    /// Who that was, and what they are to the household; null also when the name was kept long enough.
    pub collector: Option<Collector>,
    /// Packages.
    pub units: i64,
    /// The lease it was handed out under.
    pub lease_epoch: Option<i64>,
    /// The record's marks: `amber`, `not_leased`, `device_revoked`, `clock_skew`, …
    pub flags: Vec<String>,
    /// Whether it was undone since.
    pub reversed: bool,
}

/// The phone of a conflict.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ConflictPhone {
    /// Its id.
    pub id: DeviceId,
    /// Its name.
    pub name: String,
    /// Who carries it; may be empty.
    pub volunteer: String,
}

/// A conflict with both handovers side by side.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ConflictView {
    /// Its id.
    pub id: ConflictId,
    /// `handed_out_twice`, `handed_out_against_rule`, `handed_out_after_undo`, `units_exceeded`, `stock_short`,
    /// `quarantined` or `chain_broken`.
    pub kind: ConflictKind,
    /// The voucher.
    pub voucher_id: Option<Uuid>,
    /// The voucher's serial in its round.
    pub serial: Option<i64>,
    /// The rules that the handover went against.
    pub against: Vec<Outcome>,
    /// `chain_broken`: what is wrong with the phone's records.
    pub chain: Option<Trouble>,
    /// The phone that told of it: its id and name.
    pub device: Option<ConflictPhone>,
    /// The handover that counts.
    pub winner: Option<HandoverView>,
    /// The other one, kept all the same; its stock is deducted.
    pub other: Option<HandoverView>,
    /// `quarantined`: what a revoked phone told, at most 1,000.
    pub records: Vec<QuarantinedView>,
    /// When it was noted.
    pub created_at: Moment,
    /// How it was settled; null while it is open.
    pub resolution: Option<String>,
    /// Why so.
    pub reason: Option<String>,
    /// When it was settled.
    pub resolved_at: Option<Moment>,
}
