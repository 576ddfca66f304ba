//! Why stock changes.

use crate::kernel::Message;
use crate::kernel::text_enum::text_enum;

text_enum! {
    /// Why stock changed.
    #[schema(as = EntryReason)]
    pub enum Reason {
        /// Goods were given.
        Donation = "donation",
        /// Goods moved between two points.
        Transfer = "transfer",
        /// Goods went bad.
        Spoiled = "spoiled",
        /// A stock take (kiểm kê) found more or less than the books.
        Counted = "counted",
        /// Goods were lost.
        Lost = "lost",
        /// Another reason, told in the note.
        Other = "other",
        /// Handed out.
        Redemption = "redemption",
        /// A handing out was undone.
        Reversal = "reversal",
    }
}

impl Reason {
    /// All reasons, in the order people read them.
    pub const READ: [Self; 8] = [
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

text_enum! {
    /// Why stock is adjusted.
    pub enum AdjustmentReason {
        /// Goods went bad.
        Spoiled = "spoiled",
        /// A stock take (kiểm kê) found more or less.
        Counted = "counted",
        /// Goods were lost.
        Lost = "lost",
        /// Another reason, told in the note.
        Other = "other",
    }
}

impl AdjustmentReason {
    /// What the ledger says.
    pub const fn reason(self) -> Reason {
        match self {
            Self::Spoiled => Reason::Spoiled,
            Self::Counted => Reason::Counted,
            Self::Lost => Reason::Lost,
            Self::Other => Reason::Other,
        }
    }
}
