//! What the desk shouts: one or two words for each outcome, and how bad it is.

use crate::kernel::Message;
use crate::redemption::outcome::Outcome;
use crate::redemption::scan::Source;

/// How an answer looks from two metres away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Light {
    /// Hand it over.
    Green,
    /// Not yet, not here, or something must be asked.
    Amber,
    /// Do not hand it over.
    Red,
}

impl Light {
    /// Of an outcome.
    pub(super) const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Redeemed => Self::Green,
            Outcome::NeedsInput
            | Outcome::WrongPoint
            | Outcome::WrongSlot
            | Outcome::NotYetValid
            | Outcome::RoundClosed
            | Outcome::OutOfStock
            | Outcome::LeasedElsewhere => Self::Amber,
            _ => Self::Red,
        }
    }

    /// Its class in the stylesheet.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Amber => "amber",
            Self::Red => "red",
        }
    }

    /// Its picture, for who can't tell the colours apart.
    pub(super) const fn icon(self) -> &'static str {
        match self {
            Self::Green => "✓",
            Self::Amber => "!",
            Self::Red => "✕",
        }
    }
}

/// An outcome in one or two words.
pub(super) const fn short(outcome: Outcome) -> Message {
    match outcome {
        Outcome::Redeemed => Message::fixed("HỢP LỆ", "VALID"),
        Outcome::AlreadyRedeemed => Message::fixed("ĐÃ NHẬN", "ALREADY USED"),
        Outcome::Void => Message::fixed("PHIẾU ĐÃ HỦY", "VOID"),
        Outcome::Superseded => Message::fixed("PHIẾU CŨ", "OLD PAPER"),
        Outcome::Expired => Message::fixed("PHIẾU HẾT HẠN", "EXPIRED"),
        Outcome::NotYetValid => Message::fixed("CHƯA ĐẾN NGÀY", "NOT YET"),
        Outcome::WrongSlot => Message::fixed("SAI KHUNG GIỜ", "WRONG SLOT"),
        Outcome::WrongPoint => Message::fixed("SAI ĐIỂM PHÁT", "WRONG POINT"),
        Outcome::RoundClosed => Message::fixed("ĐỢT ĐÃ DỪNG", "ROUND CLOSED"),
        Outcome::OutOfStock => Message::fixed("HẾT HÀNG", "OUT OF STOCK"),
        Outcome::LeasedElsewhere => Message::fixed("BÀN KHÁC ĐANG GIỮ", "HELD ELSEWHERE"),
        Outcome::Unknown => Message::fixed("KHÔNG CÓ PHIẾU", "UNKNOWN"),
        Outcome::BadSignature => Message::fixed("KHÔNG HỢP LỆ", "NOT VALID"),
        Outcome::RevokedKey => Message::fixed("PHIẾU BỊ THU HỒI", "WITHDRAWN"),
        Outcome::TooSoon => Message::fixed("CHƯA ĐỦ NGÀY", "TOO SOON"),
        Outcome::NeedsInput => Message::fixed("CẦN HỎI THÊM", "ASK FIRST"),
        Outcome::NotAllowed => Message::fixed("KHÔNG ĐƯỢC PHÉP", "NOT ALLOWED"),
    }
}

/// How a scan reached us, in words.
pub(super) const fn source(source: Source) -> Message {
    match source {
        Source::Offline => Message::fixed("Lúc mất mạng", "Without a network"),
        Source::Roster => Message::fixed("Danh sách giấy", "Paper list"),
        Source::Override => Message::fixed("Cán bộ cho phát", "Overridden"),
        Source::Online => Message::fixed("Trực tuyến", "Online"),
    }
}
