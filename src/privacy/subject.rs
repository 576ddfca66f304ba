//! Whose data it is.

use uuid::Uuid;

use crate::kernel::Message;
use crate::kernel::text_enum::text_enum;

text_enum! {
    /// As what a person is kept.
    pub enum SubjectKind {
        /// Hộ gia đình.
        Household = "household",
        /// Chủ nhà trọ, with the tenants.
        Landlord = "landlord",
        /// Nhà hảo tâm.
        Donor = "donor",
        /// Somebody with a login.
        User = "user",
        /// Whoever carries a phone: a volunteer.
        Device = "device",
    }
}

impl SubjectKind {
    /// What screens call it.
    pub const fn say(self) -> Message {
        match self {
            Self::Household => Message::fixed("Hộ gia đình", "Household"),
            Self::Landlord => Message::fixed("Chủ nhà trọ", "Landlord"),
            Self::Donor => Message::fixed("Nhà hảo tâm", "Donor"),
            Self::User => Message::fixed("Người có tài khoản", "Somebody with a login"),
            Self::Device => Message::fixed("Tình nguyện viên giữ máy", "Volunteer with a phone"),
        }
    }
}

/// One record of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    pub kind: SubjectKind,
    pub id: Uuid,
}
