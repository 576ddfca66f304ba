//! A consent, and what it is made of.

use serde::Serialize;
use uuid::Uuid;

use crate::kernel::text_enum::text_enum;
use crate::kernel::{Message, Moment};

text_enum! {
    /// What somebody agrees to.
    #[schema(as = ConsentPurpose)]
    pub enum Purpose {
        /// That a household's data are kept to help it.
        KeepData = "keep_data",
        /// That a landlord's data are kept to verify and add up what was forgone.
        PledgeRent = "pledge_rent",
        /// That they are named when the ward publishes and thanks.
        BeNamed = "be_named",
    }
}

impl Purpose {
    /// What screens call it.
    pub const fn say(self) -> Message {
        match self {
            Self::KeepData => Message::fixed("Lưu thông tin để hỗ trợ", "Keeping data, to be helped"),
            Self::PledgeRent => Message::fixed("Lưu thông tin giảm tiền thuê", "Keeping data of rent reductions"),
            Self::BeNamed => Message::fixed("Nêu tên khi công khai", "Being named in public"),
        }
    }
}

text_enum! {
    /// How consent was asked for, or taken back.
    pub enum ConsentChannel {
        /// A signed paper.
        Paper = "paper",
        /// A page that the person filled in.
        Page = "page",
        /// On the phone.
        PhoneCall = "phone_call",
        /// A list that a neighbourhood sent and vouches for.
        List = "list",
        /// Nobody said.
        Unrecorded = "unrecorded",
    }
}

impl ConsentChannel {
    /// What screens call it.
    pub const fn say(self) -> Message {
        match self {
            Self::Paper => Message::fixed("Giấy có chữ ký", "A signed paper"),
            Self::Page => Message::fixed("Trang tự điền", "A page that they filled in"),
            Self::PhoneCall => Message::fixed("Gọi điện thoại", "On the phone"),
            Self::List => Message::fixed("Theo danh sách của khu dân cư", "By the neighbourhood's list"),
            Self::Unrecorded => Message::fixed("Không ghi rõ", "Not recorded"),
        }
    }
}

text_enum! {
    /// As what somebody who agrees is kept.
    pub enum ConsentSubject {
        Household = "household",
        Landlord = "landlord",
        Donor = "donor",
    }
}

/// Whose consent it is.
#[derive(Clone, Copy, Debug)]
pub struct Owner {
    pub kind: ConsentSubject,
    pub id: Uuid,
}

/// A consent to be kept.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    pub owner: Owner,
    pub purpose: Purpose,
    pub channel: ConsentChannel,
    /// Who took it; nothing: the person itself on a public page, or the command line.
    pub by: Option<Uuid>,
}

/// A consent as it is kept.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Consent {
    /// Its id.
    pub id: Uuid,
    /// As what the person is kept.
    pub subject_kind: ConsentSubject,
    /// What was agreed to.
    pub purpose: Purpose,
    /// The version of the text that was shown; 0: from before texts had versions.
    pub text_version: i64,
    /// How it was asked for.
    pub channel: ConsentChannel,
    /// When it was given.
    pub given_at: Moment,
    /// The login's name of who took it.
    pub given_by: Option<String>,
    /// When it was taken back.
    pub withdrawn_at: Option<Moment>,
    /// How that was said.
    pub withdrawn_channel: Option<ConsentChannel>,
    /// Why.
    pub withdraw_reason: Option<String>,
}
