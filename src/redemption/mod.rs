//! The heart: one household, one package, once, durably, even with bad networks.
//!
//! Promises: every scan gets one decision, made by the pure function [`rules::decide`] after its rows are locked;
//! the answer leaves only after the commit is on disk; the same nonce always gets the first answer; every scan is
//! kept, refused ones too; stock moves in the same transaction; a record that says "this was handed out" is taken
//! as fact, and what contradicts it becomes a visible conflict, never a lost record.

pub mod admission;
pub mod answer;
pub mod api;
pub mod batch;
pub mod chain;
pub mod conflicts;
pub mod intake;
pub mod engine;
pub mod history;
pub mod leases;
pub mod pages;
pub mod presented;
pub mod quarantine;
pub mod reversal;
pub mod rules;
pub mod store;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::kernel::Moment;
use crate::kernel::ids::{DeviceId, PointId, UserId};

pub use engine::Engine;
pub use presented::Presented;

/// What was decided about a scan. The names are the contract's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Hand it over.
    Redeemed,
    /// Used before.
    AlreadyRedeemed,
    /// The voucher or its household was voided.
    Void,
    /// A reissue replaced this paper.
    Superseded,
    /// After its last day.
    Expired,
    /// Before its first day.
    NotYetValid,
    /// Outside its slot, in a round that enforces slots.
    WrongSlot,
    /// Belongs to another point.
    WrongPoint,
    /// The round is closed or paused.
    RoundClosed,
    /// The point has no package left.
    OutOfStock,
    /// Another phone alone may hand it out while it is offline.
    LeasedElsewhere,
    /// Never issued.
    Unknown,
    /// Looks like ours, but nobody of ours signed it.
    BadSignature,
    /// Signed with a key that was withdrawn.
    RevokedKey,
    /// The household's interval is not over.
    TooSoon,
    /// Something must be asked of the collector first.
    NeedsInput,
    /// This phone or login does not serve that point.
    NotAllowed,
}

impl Outcome {
    /// The stored and transmitted name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Redeemed => "redeemed",
            Self::AlreadyRedeemed => "already_redeemed",
            Self::Void => "void",
            Self::Superseded => "superseded",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::WrongSlot => "wrong_slot",
            Self::WrongPoint => "wrong_point",
            Self::RoundClosed => "round_closed",
            Self::OutOfStock => "out_of_stock",
            Self::LeasedElsewhere => "leased_elsewhere",
            Self::Unknown => "unknown",
            Self::BadSignature => "bad_signature",
            Self::RevokedKey => "revoked_key",
            Self::TooSoon => "too_soon",
            Self::NeedsInput => "needs_input",
            Self::NotAllowed => "not_allowed",
        }
    }

    /// Whether the volunteer may see whose voucher it is. Not when nothing proves that there is a voucher.
    pub const fn shows_household(self) -> bool {
        !matches!(self, Self::Unknown | Self::BadSignature | Self::NotAllowed | Self::RevokedKey)
    }

    /// Whether a coordinator may override this refusal. What proves nothing can't be overridden, and online stock
    /// never goes below zero.
    pub const fn may_be_overridden(self) -> bool {
        !matches!(
            self,
            Self::Redeemed
                | Self::Unknown
                | Self::BadSignature
                | Self::RevokedKey
                | Self::OutOfStock
                | Self::NotAllowed
                | Self::NeedsInput
        )
    }
}

/// How a scan reached us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Asked before the handover.
    Online,
    /// Told after the handover, by a phone that had no network.
    Offline,
    /// Told after the handover, keyed in from the paper roster.
    Roster,
    /// A coordinator handed over against a refusal.
    Override,
}

impl Source {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Offline => "offline",
            Self::Roster => "roster",
            Self::Override => "override",
        }
    }

    /// Whether the goods have left already: such a record is a fact, not a question.
    pub const fn is_fact(self) -> bool {
        matches!(self, Self::Offline | Self::Roster)
    }
}

/// Who holds the scanner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// A member of staff at a desk.
    User(UserId),
    /// An enrolled phone.
    Device {
        /// Which.
        id: DeviceId,
        /// When it was revoked, if it was: it may only upload.
        revoked_at: Option<Moment>,
    },
}

impl Operator {
    /// The phone, when it is one.
    pub const fn device_id(self) -> Option<DeviceId> {
        match self {
            Self::User(_) => None,
            Self::Device { id, .. } => Some(id),
        }
    }

    /// As scans keep who it was: without what became of a phone since.
    #[must_use]
    pub const fn as_kept(self) -> Self {
        match self {
            Self::Device { id, .. } => Self::Device { id, revoked_at: None },
            user @ Self::User(_) => user,
        }
    }

    /// The member of staff, when it is one.
    pub const fn user_id(self) -> Option<UserId> {
        match self {
            Self::User(id) => Some(id),
            Self::Device { .. } => None,
        }
    }
}

/// Who collects for the household (người nhận thay).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "Nguyễn Thị Bông", "relation": "hàng xóm"}))]
pub struct Collector {
    /// Their name.
    pub name: String,
    /// What they are to the household.
    #[serde(default)]
    pub relation: String,
}

/// One scan, checked at the door, ready to be decided.
#[derive(Clone, Debug)]
pub struct Scan {
    /// Chosen by the phone; one scan, one nonce, for the whole campaign.
    pub nonce: Uuid,
    /// What was held before the camera or typed.
    pub presented: Presented,
    /// Where.
    pub point_id: PointId,
    /// At which desk.
    pub desk: String,
    /// How many units.
    pub units: i64,
    /// The phone's clock.
    pub scanned_at: Moment,
    /// Who collects, when it is not the household.
    pub collector: Option<Collector>,
    /// How it reached us.
    pub source: Source,
    /// Who holds the scanner.
    pub operator: Operator,
    /// Whether they serve that point.
    pub serves_point: bool,
    /// A coordinator's reason for handing over against a refusal.
    pub override_reason: Option<String>,
    /// Place in the phone's queue.
    pub sequence: Option<i64>,
    /// The lease under which it was handed out.
    pub lease_epoch: Option<i64>,
    /// Hash of everything that makes this scan what it is: the same nonce must come with the same hash.
    pub body_hash: Vec<u8>,
}

impl Scan {
    /// The nonce under which a handover is kept when this very scan was first asked online and refused: the refusal
    /// keeps its own row, and the fact gets one too. Derived, so that a second upload finds it again.
    pub fn fact_nonce(&self) -> Option<Uuid> {
        self.source.is_fact().then(|| fact_nonce_of(self.nonce))
    }
}

/// Where the handover of a nonce is kept when the nonce itself holds a refusal.
pub fn fact_nonce_of(nonce: Uuid) -> Uuid {
    let digest = crate::vault::sha256(&[b"lalanh-fact-v1".as_slice(), nonce.as_bytes()].concat());
    let bytes = digest.first_chunk::<16>().copied().unwrap_or_default();
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
