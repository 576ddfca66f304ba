//! Who might be the same household: a hint with its reasons, which a clerk decides.

use serde::Serialize;

use crate::kernel::vietnamese::name_similarity;

/// Names at least this alike are worth a look when something else agrees.
const ALIKE: f32 = 0.8;

/// Why two households might be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DuplicateReason)]
pub enum Reason {
    /// The same name, marks aside.
    SameName,
    /// Names that differ by a letter or two.
    SimilarName,
    /// The same phone. Families share one, so this alone is weak.
    SamePhone,
    /// The same address, however it is written.
    SameAddress,
    /// The same year of birth.
    SameBirthYear,
}

/// What is compared of a household.
#[derive(Clone, Copy, Debug)]
pub struct Traits<'a> {
    /// The folded name.
    pub name_key: &'a str,
    /// The folded address.
    pub address_key: &'a str,
    /// Keyed hash of the phone.
    pub phone_index: Option<&'a [u8]>,
    pub birth_year: Option<i64>,
}

/// The reasons for which two households might be one; empty when they are not suspicious.
///
/// A shared phone counts by itself (husband and wife registered apart); a shared address only with a similar name,
/// since a boarding house has many households; a similar name alone never.
pub fn reasons(a: Traits<'_>, b: Traits<'_>) -> Vec<Reason> {
    let same_name = !a.name_key.is_empty() && a.name_key == b.name_key;
    let similar_name = !same_name && name_similarity(a.name_key, b.name_key) >= ALIKE;
    let same_phone = a.phone_index.is_some() && a.phone_index == b.phone_index;
    let same_address = !a.address_key.is_empty() && a.address_key == b.address_key;
    let same_birth_year = a.birth_year.is_some() && a.birth_year == b.birth_year;
    let suspicious = same_phone || (same_address && (same_name || similar_name)) || (same_name && same_birth_year);
    if !suspicious {
        return Vec::new();
    }
    [
        (same_name, Reason::SameName),
        (similar_name, Reason::SimilarName),
        (same_phone, Reason::SamePhone),
        (same_address, Reason::SameAddress),
        (same_birth_year, Reason::SameBirthYear),
    ]
    .into_iter()
    .filter_map(|(holds, reason)| holds.then_some(reason))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traits<'a>(name_key: &'a str, address_key: &'a str, phone: Option<&'a [u8]>) -> Traits<'a> {
        Traits { name_key, address_key, phone_index: phone, birth_year: None }
    }

    #[test]
    fn neighbours_in_one_boarding_house_are_not_suspicious() {
        let (a, b) = (traits("tran thi hoa", "k 12 phan nhu", None), traits("le van phuc", "k 12 phan nhu", None));
        assert!(reasons(a, b).is_empty());
    }

    #[test]
    fn a_shared_phone_is_always_worth_a_look() {
        let (a, b) = (traits("tran thi hoa", "a", Some(b"1")), traits("le van phuc", "b", Some(b"1")));
        assert_eq!(reasons(a, b), [Reason::SamePhone]);
    }

    #[test]
    fn a_misspelt_name_at_the_same_address_is_worth_a_look() {
        let (a, b) = (traits("tran thi hoa", "k 12", None), traits("tran thi hoe", "k 12", None));
        assert_eq!(reasons(a, b), [Reason::SimilarName, Reason::SameAddress]);
    }
}
