//! What is decided about a scan.

use serde::{Deserialize, Serialize};

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
