//! A conflict that was found.

use uuid::Uuid;

use crate::kernel::Moment;
use crate::kernel::ids::{ConflictId, DeviceId};
use crate::redemption::chain::rules::Trouble;
use crate::redemption::outcome::Outcome;

/// A contradiction to note.
#[derive(Debug)]
pub struct NewConflict {
    /// Its id.
    pub id: ConflictId,
    /// What kind.
    pub kind: &'static str,
    /// The voucher.
    pub voucher_id: Option<Uuid>,
    /// The handover that counts.
    pub winner_nonce: Option<Uuid>,
    /// The other one, or the one that went against a rule.
    pub other_nonce: Option<Uuid>,
    /// The phone that told of it.
    pub device_id: Option<DeviceId>,
    /// The rules it went against.
    pub against: Vec<Outcome>,
    /// What is wrong with the phone's records.
    pub chain: Option<Trouble>,
    /// When it was noted.
    pub at: Moment,
}
