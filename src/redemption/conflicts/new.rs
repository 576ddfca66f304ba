//! A conflict that was found.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::kernel::Moment;
use crate::kernel::ids::{ConflictId, DeviceId};
use crate::redemption::chain::rules::Trouble;
use crate::redemption::outcome::Outcome;
use crate::redemption::rules::ConflictKind;

/// What explains a conflict, as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ConflictDetail {
    /// The rules that a handover went against.
    Against(Vec<Outcome>),
    /// What is wrong with a phone's records.
    Chain(Trouble),
}

impl ConflictDetail {
    /// The rules that a handover went against; none when it is about a phone's records.
    pub fn against(&self) -> &[Outcome] {
        match self {
            Self::Against(outcomes) => outcomes,
            Self::Chain(_) => &[],
        }
    }

    /// What is wrong with a phone's records.
    pub const fn chain(&self) -> Option<Trouble> {
        match self {
            Self::Against(_) => None,
            Self::Chain(trouble) => Some(*trouble),
        }
    }
}

/// A contradiction to note.
#[derive(Debug)]
pub struct NewConflict {
    pub id: ConflictId,
    pub kind: ConflictKind,
    pub voucher_id: Option<Uuid>,
    /// The handover that counts.
    pub winner_nonce: Option<Uuid>,
    /// The other one, or the one that went against a rule.
    pub other_nonce: Option<Uuid>,
    /// The phone that told of it.
    pub device_id: Option<DeviceId>,
    pub detail: ConflictDetail,
    /// When it was noted.
    pub at: Moment,
}
