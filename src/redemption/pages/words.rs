//! What the desk shouts: one or two words for each outcome, and how bad it is.

use crate::kernel::Say;
use crate::redemption::Outcome;

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
pub(super) const fn short(outcome: Outcome) -> Say {
    match outcome {
        Outcome::Redeemed => Say::fixed("HỢP LỆ", "VALID"),
        Outcome::AlreadyRedeemed => Say::fixed("ĐÃ NHẬN", "ALREADY USED"),
        Outcome::Void => Say::fixed("PHIẾU ĐÃ HỦY", "VOID"),
        Outcome::Superseded => Say::fixed("PHIẾU CŨ", "OLD PAPER"),
        Outcome::Expired => Say::fixed("PHIẾU HẾT HẠN", "EXPIRED"),
        Outcome::NotYetValid => Say::fixed("CHƯA ĐẾN NGÀY", "NOT YET"),
        Outcome::WrongSlot => Say::fixed("SAI KHUNG GIỜ", "WRONG SLOT"),
        Outcome::WrongPoint => Say::fixed("SAI ĐIỂM PHÁT", "WRONG POINT"),
        Outcome::RoundClosed => Say::fixed("ĐỢT ĐÃ DỪNG", "ROUND CLOSED"),
        Outcome::OutOfStock => Say::fixed("HẾT HÀNG", "OUT OF STOCK"),
        Outcome::LeasedElsewhere => Say::fixed("BÀN KHÁC ĐANG GIỮ", "HELD ELSEWHERE"),
        Outcome::Unknown => Say::fixed("KHÔNG CÓ PHIẾU", "UNKNOWN"),
        Outcome::BadSignature => Say::fixed("KHÔNG HỢP LỆ", "NOT VALID"),
        Outcome::RevokedKey => Say::fixed("PHIẾU BỊ THU HỒI", "WITHDRAWN"),
        Outcome::TooSoon => Say::fixed("CHƯA ĐỦ NGÀY", "TOO SOON"),
        Outcome::NeedsInput => Say::fixed("CẦN HỎI THÊM", "ASK FIRST"),
        Outcome::NotAllowed => Say::fixed("KHÔNG ĐƯỢC PHÉP", "NOT ALLOWED"),
    }
}

/// How a scan reached us, in words.
pub(super) fn source(name: &str) -> Say {
    match name {
        "offline" => Say::fixed("Lúc mất mạng", "Without a network"),
        "roster" => Say::fixed("Danh sách giấy", "Paper list"),
        "override" => Say::fixed("Cán bộ cho phát", "Overridden"),
        _ => Say::fixed("Trực tuyến", "Online"),
    }
}
