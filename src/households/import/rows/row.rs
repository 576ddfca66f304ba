//! A household as a row of a list tells it.

use serde::{Deserialize, Serialize};

use crate::households::Category;
use crate::kernel::vietnamese::{address_key, fold};
use crate::kernel::{CitizenId, PhoneNumber};

/// A household as its row tells it. In a row with errors, what is wrong is left out; then the name may be empty.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HouseholdRow {
    /// Head of the household, written as a name.
    pub head_name: String,
    /// Phone, perhaps shared with others.
    pub phone: Option<PhoneNumber>,
    /// Number of the identity paper.
    pub citizen_id: Option<CitizenId>,
    /// Year of birth of the head.
    pub birth_year: Option<i16>,
    /// The neighbourhood or group in the list's words: the row's own cell, else the heading above.
    pub area_text: Option<String>,
    /// Street address.
    pub address: Option<String>,
    /// People in the household, 1–30.
    pub members: Option<u8>,
    /// Why it is helped; nothing when the list does not say.
    pub category: Option<Category>,
    /// Remarks, and the list's words for a category that is none of the known.
    pub note: Option<String>,
}

/// The texts under which one household is found again. Two households are the same when they share one of the same
/// kind. They hold personal data: store them only as keyed hashes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdentityKeys {
    /// The id number's digits.
    pub citizen_id: Option<String>,
    /// Folded name and phone.
    pub name_phone: Option<String>,
    /// Folded name and address key.
    pub name_address: Option<String>,
}

/// The keys of a household. A name or address of which nothing is left once folded gives none.
pub fn identity_keys(
    name: &str,
    citizen_id: Option<&CitizenId>,
    phone: Option<&PhoneNumber>,
    address: Option<&str>,
) -> IdentityKeys {
    let name = fold(name);
    let with = |other: String| (!name.is_empty() && !other.is_empty()).then(|| format!("{name}|{other}"));
    IdentityKeys {
        citizen_id: citizen_id.map(|id| id.as_str().to_owned()),
        name_phone: phone.and_then(|phone| with(phone.as_str().to_owned())),
        name_address: address.and_then(|address| with(address_key(address))),
    }
}

impl HouseholdRow {
    /// The keys of the household on this row.
    pub fn identity_keys(&self) -> IdentityKeys {
        identity_keys(&self.head_name, self.citizen_id.as_ref(), self.phone.as_ref(), self.address.as_deref())
    }
}
