//! What is decided about a scan.

use crate::kernel::text_enum::text_enum;

text_enum! {
    /// What was decided about a scan. The names are the contract's.
    pub enum Outcome {
        /// Hand it over.
        Redeemed = "redeemed",
        /// Used before.
        AlreadyRedeemed = "already_redeemed",
        /// The voucher or its household was voided.
        Void = "void",
        /// A reissue replaced this paper.
        Superseded = "superseded",
        /// After its last day.
        Expired = "expired",
        /// Before its first day.
        NotYetValid = "not_yet_valid",
        /// Outside its slot, in a round that enforces slots.
        WrongSlot = "wrong_slot",
        /// Belongs to another point.
        WrongPoint = "wrong_point",
        /// The round is closed or paused.
        RoundClosed = "round_closed",
        /// The point has no package left.
        OutOfStock = "out_of_stock",
        /// Another phone alone may hand it out while it is offline.
        LeasedElsewhere = "leased_elsewhere",
        /// Never issued.
        Unknown = "unknown",
        /// Looks like ours, but nobody of ours signed it.
        BadSignature = "bad_signature",
        /// Signed with a key that was withdrawn.
        RevokedKey = "revoked_key",
        /// The household's interval is not over.
        TooSoon = "too_soon",
        /// Something must be asked of the collector first.
        NeedsInput = "needs_input",
        /// This phone or login does not serve that point.
        NotAllowed = "not_allowed",
    }
}

impl Outcome {
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
