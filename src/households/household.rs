//! What is known of a household, what finds it again, and what its fields may hold.

use super::category::Category;
use super::search;
use crate::kernel::ids::AreaId;
use crate::kernel::message::Invalid;
use crate::kernel::text_enum::text_enum;
use crate::kernel::vietnamese::{address_key, clean, fold, mark_key, sort_key};
use crate::kernel::{CitizenId, Clock, PhoneNumber};
use crate::vault::{Purpose, Vault};

text_enum! {
    /// Whether a household is still one of its own.
    pub enum HouseholdStatus {
        /// It is.
        Active = "active",
        /// It was merged into another.
        Merged = "merged",
        /// Its personal data were erased.
        Erased = "erased",
    }
}

/// What is known of a household, checked. Holds personal data, so it has no `Debug`.
#[derive(Clone)]
pub struct Details {
    /// The area it belongs to.
    pub area_id: AreaId,
    /// Its head (chủ hộ).
    pub head_name: String,
    /// How to reach it; families share one.
    pub phone: Option<PhoneNumber>,
    /// The head's id number.
    pub citizen_id: Option<CitizenId>,
    /// The head's year of birth.
    pub birth_year: Option<i64>,
    /// Where it lives.
    pub address: String,
    /// How many people (nhân khẩu), 1 to 30.
    pub members: i64,
    /// Why it is helped.
    pub category: Category,
    /// Anything else a clerk must know; may be sensitive.
    pub note: String,
}

/// What is derived from [`Details`] to find a household again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// The folded name: equal for every spelling of it.
    pub name_key: String,
    /// Sorts by given name.
    pub sort_key: String,
    /// The folded address.
    pub address_key: String,
    /// What a search looks through, see [`search::search_key`].
    pub search_key: String,
    /// The same with marks, to rank exact matches first.
    pub mark_text: String,
    /// Keyed hash of the phone.
    pub phone_index: Option<Vec<u8>>,
    /// Keyed hash of the id number.
    pub citizen_index: Option<Vec<u8>>,
}

impl Keys {
    /// Derives all keys.
    pub fn of(vault: &Vault, details: &Details) -> Self {
        let text = format!("{} {}", details.head_name, details.address);
        Self {
            name_key: fold(&details.head_name),
            sort_key: sort_key(&details.head_name),
            address_key: address_key(&details.address),
            search_key: search::search_key(&text),
            mark_text: format!(" {}", mark_key(&text)),
            phone_index: details.phone.as_ref().map(|phone| vault.index(Purpose::Phone, phone.as_str())),
            citizen_index: details.citizen_id.as_ref().map(|id| vault.index(Purpose::CitizenId, id.as_str())),
        }
    }
}

/// A head's name of 1 to 200 characters, cleaned but spelled as it was given.
pub fn parse_head_name(text: &str) -> Result<String, Invalid> {
    let name = clean(text);
    if (1..=200).contains(&name.chars().count()) {
        Ok(name)
    } else {
        Err(Invalid::fixed(
            "out_of_range",
            "Ghi họ tên chủ hộ, từ 1 đến 200 ký tự.",
            "Give the name of the head of household, 1 to 200 characters.",
        ))
    }
}

/// An address of at most 300 characters; may be empty.
pub fn parse_address(text: &str) -> Result<String, Invalid> {
    at_most(text, 300, "Địa chỉ dài tối đa 300 ký tự.", "An address has at most 300 characters.")
}

/// A note of at most 2,000 characters; may be empty.
pub fn parse_note(text: &str) -> Result<String, Invalid> {
    at_most(text, 2000, "Ghi chú dài tối đa 2.000 ký tự.", "A note has at most 2,000 characters.")
}

fn at_most(text: &str, limit: usize, vi: &'static str, en: &'static str) -> Result<String, Invalid> {
    let text = clean(text);
    if text.chars().count() <= limit { Ok(text) } else { Err(Invalid::fixed("out_of_range", vi, en)) }
}

/// A year of birth from 1900 to the current year.
pub fn parse_birth_year(year: i64, clock: &Clock) -> Result<i64, Invalid> {
    if (1900..=i64::from(clock.today().date().year())).contains(&year) {
        Ok(year)
    } else {
        Err(Invalid::fixed(
            "out_of_range",
            "Năm sinh từ 1900 đến năm nay. Sửa lại hoặc để trống.",
            "A year of birth is from 1900 to this year. Correct it or leave it out.",
        ))
    }
}

/// Members, 1 to 30.
pub fn parse_members(members: i64) -> Result<i64, Invalid> {
    if (1..=30).contains(&members) {
        Ok(members)
    } else {
        Err(Invalid::fixed("out_of_range", "Số nhân khẩu từ 1 đến 30.", "A household has 1 to 30 members."))
    }
}
