//! When two rows, or a row and a stored household, are the same household: same id number, or same folded name with
//! the same phone or the same address.

use std::collections::HashMap;

use super::rows::HouseholdRow;
use crate::kernel::say::Wrong;
use crate::kernel::vietnamese::{address_key, fold};
use crate::kernel::{CitizenId, Phone};
use crate::lists::{ListRow, RowAt, RowStatus};

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
    phone: Option<&Phone>,
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

/// Marks rows that are the same household as another row. Rows with errors are left out: they are neither
/// duplicates nor originals.
///
/// Of several rows for one household, the one that identifies it best stays `new`: the one with an id number, then
/// with a phone, then not written in capitals, then the first. The others point to it, even when it stands below:
/// a row that lacks the id number must not push out the one that has it. `shouted` says of each row of data in turn
/// whether its name was in capitals.
pub(super) fn mark(rows: &mut [ListRow<HouseholdRow>], shouted: &[bool]) {
    let data: Vec<usize> = (0..rows.len()).filter(|at| rows[*at].parsed.is_some()).collect();
    let mut ranked: Vec<((bool, bool, bool), usize)> = data
        .iter()
        .zip(shouted)
        .filter(|(at, _)| rows[**at].status == RowStatus::New)
        .filter_map(|(at, shouted)| {
            let row = rows[*at].parsed.as_ref()?;
            Some(((row.citizen_id.is_none(), row.phone.is_none(), *shouted), *at))
        })
        .collect();
    ranked.sort();
    let mut known: Known = Known::default();
    for (_, at) in ranked {
        let Some(parsed) = &rows[at].parsed else { continue };
        let keys = parsed.identity_keys();
        let original = known.find(&keys);
        let original_at = original.map(|original| rows[original].at);
        let other_id = original.and_then(|original| rows[original].parsed.as_ref()).is_some_and(|kept| {
            kept.citizen_id.is_some() && parsed.citizen_id.is_some() && kept.citizen_id != parsed.citizen_id
        });
        known.insert(keys, original.unwrap_or(at));
        if let Some(original_at) = original_at {
            point(&mut rows[at], original_at, other_id);
        }
    }
}

/// Marks rows that a clerk corrected and that are the same household as another row. They never push out a row that
/// was read from the file as it stands.
pub(super) fn mark_corrected(rows: &mut [ListRow<HouseholdRow>], corrected: &[usize]) {
    let mut known = Known::default();
    for (at, row) in rows.iter().enumerate() {
        if let (RowStatus::New, Some(parsed), false) = (row.status, &row.parsed, corrected.contains(&at)) {
            known.insert(parsed.identity_keys(), at);
        }
    }
    for at in corrected.iter().copied() {
        let (RowStatus::New, Some(parsed)) = (rows[at].status, &rows[at].parsed) else { continue };
        let keys = parsed.identity_keys();
        match known.find(&keys).map(|original| rows[original].at) {
            Some(original) => point(&mut rows[at], original, false),
            None => known.insert(keys, at),
        }
    }
}

fn point(row: &mut ListRow<HouseholdRow>, original: RowAt, other_id: bool) {
    row.status = RowStatus::Duplicate;
    row.duplicate_of_row = Some(original);
    if other_id {
        let wrong = Wrong::fixed(
            "other_citizen_id",
            "Trùng họ tên và điện thoại hoặc địa chỉ với một dòng khác nhưng số CCCD khác nhau. Xem lại: có thể là hai người.",
            "Same name and phone or address as another row, yet another id number. Check: these may be two people.",
        );
        row.warnings.push(super::rows::issue("citizen_id", wrong));
    }
}

/// Rows by their keys.
#[derive(Default)]
struct Known {
    citizen_id: HashMap<String, usize>,
    name_phone: HashMap<String, usize>,
    name_address: HashMap<String, usize>,
}

impl Known {
    fn find(&self, keys: &IdentityKeys) -> Option<usize> {
        let of =
            |map: &HashMap<String, usize>, key: &Option<String>| key.as_ref().and_then(|key| map.get(key).copied());
        of(&self.citizen_id, &keys.citizen_id)
            .or_else(|| of(&self.name_phone, &keys.name_phone))
            .or_else(|| of(&self.name_address, &keys.name_address))
    }

    fn insert(&mut self, keys: IdentityKeys, original: usize) {
        let maps = [&mut self.citizen_id, &mut self.name_phone, &mut self.name_address];
        for (map, key) in maps.into_iter().zip([keys.citizen_id, keys.name_phone, keys.name_address]) {
            if let Some(key) = key {
                map.entry(key).or_insert(original);
            }
        }
    }
}
