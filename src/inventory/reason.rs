//! Why stock changes.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::kernel::Message;

/// Why stock changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EntryReason)]
pub enum Reason {
    /// Goods were given.
    Donation,
    /// Goods moved between two points.
    Transfer,
    /// Goods went bad.
    Spoiled,
    /// A stock take (kiểm kê) found more or less than the books.
    Counted,
    /// Goods were lost.
    Lost,
    /// Another reason, told in the note.
    Other,
    /// Handed out.
    Redemption,
    /// A handing out was undone.
    Reversal,
}

impl Reason {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Donation => "donation",
            Self::Transfer => "transfer",
            Self::Spoiled => "spoiled",
            Self::Counted => "counted",
            Self::Lost => "lost",
            Self::Other => "other",
            Self::Redemption => "redemption",
            Self::Reversal => "reversal",
        }
    }

    /// All reasons, in the order people read them.
    pub const ALL: [Self; 8] = [
        Self::Donation,
        Self::Transfer,
        Self::Redemption,
        Self::Reversal,
        Self::Spoiled,
        Self::Lost,
        Self::Counted,
        Self::Other,
    ];

    /// What screens call it.
    pub const fn say(self) -> Message {
        match self {
            Self::Donation => Message::fixed("Nhập kho ủng hộ", "Donated"),
            Self::Transfer => Message::fixed("Chuyển kho", "Transferred"),
            Self::Spoiled => Message::fixed("Hàng hỏng", "Spoiled"),
            Self::Counted => Message::fixed("Kiểm kê", "Stock take"),
            Self::Lost => Message::fixed("Thất lạc", "Lost"),
            Self::Other => Message::fixed("Lý do khác", "Another reason"),
            Self::Redemption => Message::fixed("Phát quà", "Handed out"),
            Self::Reversal => Message::fixed("Hoàn lại lượt phát", "Handing out undone"),
        }
    }
}

impl FromStr for Reason {
    type Err = ();

    fn from_str(name: &str) -> std::result::Result<Self, ()> {
        Self::ALL.into_iter().find(|reason| reason.name() == name).ok_or(())
    }
}

/// Why stock is adjusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdjustmentReason {
    /// Goods went bad.
    Spoiled,
    /// A stock take (kiểm kê) found more or less.
    Counted,
    /// Goods were lost.
    Lost,
    /// Another reason, told in the note.
    Other,
}

impl AdjustmentReason {
    /// The same as a reason of the ledger.
    pub const fn reason(self) -> Reason {
        match self {
            Self::Spoiled => Reason::Spoiled,
            Self::Counted => Reason::Counted,
            Self::Lost => Reason::Lost,
            Self::Other => Reason::Other,
        }
    }
}

impl FromStr for AdjustmentReason {
    type Err = ();

    fn from_str(name: &str) -> std::result::Result<Self, ()> {
        [Self::Spoiled, Self::Counted, Self::Lost, Self::Other]
            .into_iter()
            .find(|reason| reason.reason().name() == name)
            .ok_or(())
    }
}
