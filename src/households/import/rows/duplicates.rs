//! When two rows, or a row and a stored household, are the same household: same id number, or same folded name with
//! the same phone or the same address.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, BuildHasherDefault, Hasher, RandomState};

use rayon::prelude::*;

use super::row::HouseholdRow;
use crate::households::import::VOCABULARY;
use crate::kernel::message::Invalid;
use crate::spreadsheet::issue::file_issue;
use crate::spreadsheet::{Issue, ListRow, RowAt, RowStatus};

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
    ranked.par_sort_unstable();
    let fingerprinter = Fingerprinter::default();
    let fingerprints: Vec<Option<Fingerprints>> =
        ranked.par_iter().map(|(_, at)| rows[*at].parsed.as_ref().map(|row| fingerprinter.fingerprints(row))).collect();
    let mut known = Known::with_capacity(fingerprints.len());
    for ((_, at), fingerprints) in ranked.into_iter().zip(fingerprints) {
        let (Some(parsed), Some(fingerprints)) = (&rows[at].parsed, fingerprints) else { continue };
        let original = known.find(fingerprints);
        let original_at = original.map(|original| rows[original].at);
        let other_id = original.and_then(|original| rows[original].parsed.as_ref()).is_some_and(|kept| {
            kept.citizen_id.is_some() && parsed.citizen_id.is_some() && kept.citizen_id != parsed.citizen_id
        });
        known.insert(fingerprints, original.unwrap_or(at));
        if let Some(original_at) = original_at {
            point(&mut rows[at], original_at, other_id);
        }
    }
}

/// Marks rows that a clerk corrected and that are the same household as another row. They never push out a row that
/// was read from the file as it stands.
pub(super) fn mark_corrected(rows: &mut [ListRow<HouseholdRow>], corrected: &[usize]) {
    let fingerprinter = Fingerprinter::default();
    let mut known = Known::default();
    for (at, row) in rows.iter().enumerate() {
        if let (RowStatus::New, Some(parsed), false) = (row.status, &row.parsed, corrected.contains(&at)) {
            known.insert(fingerprinter.fingerprints(parsed), at);
        }
    }
    for at in corrected.iter().copied() {
        let (RowStatus::New, Some(parsed)) = (rows[at].status, &rows[at].parsed) else { continue };
        let fingerprints = fingerprinter.fingerprints(parsed);
        match known.find(fingerprints).map(|original| rows[original].at) {
            Some(original) => point(&mut rows[at], original, false),
            None => known.insert(fingerprints, at),
        }
    }
}

fn point(row: &mut ListRow<HouseholdRow>, original: RowAt, other_id: bool) {
    row.status = RowStatus::Duplicate;
    row.duplicate_of_row = Some(original);
    if other_id {
        let wrong = Invalid::fixed(
            "other_citizen_id",
            "Trùng họ tên và điện thoại hoặc địa chỉ với một dòng khác nhưng số CCCD khác nhau. Xem lại: có thể là hai người.",
            "Same name and phone or address as another row, yet another id number. Check: these may be two people.",
        );
        row.warnings.push(issue("citizen_id", wrong));
    }
}

/// An issue of a whole row rather than of one of its cells.
fn issue(field: &'static str, wrong: Invalid) -> Issue {
    let column = VOCABULARY.field(field).map_or("", |f| f.vi).to_owned();
    Issue { field: field.into(), column, ..file_issue(wrong.code, wrong.say) }
}

/// What keys are compared by: 128 bits under two secret keys, which no two of a list's texts share.
#[derive(Default)]
struct Fingerprinter(RandomState, RandomState);

/// The fingerprints of a row's [`IdentityKeys`]: id number, name with phone, name with address.
type Fingerprints = [Option<(u64, u64)>; 3];

impl Fingerprinter {
    fn fingerprints(&self, row: &HouseholdRow) -> Fingerprints {
        let keys = row.identity_keys();
        [keys.citizen_id, keys.name_phone, keys.name_address]
            .map(|key| key.map(|key| (self.0.hash_one(&key), self.1.hash_one(&key))))
    }
}

/// Takes a fingerprint as its own hash: it is one.
#[derive(Default)]
struct AsHashed(u64);

impl Hasher for AsHashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, fingerprint: u64) {
        self.0 = self.0.rotate_left(1) ^ fingerprint;
    }
}

/// Rows by the fingerprints of each kind of key, the surest kind first.
#[derive(Default)]
struct Known([HashMap<(u64, u64), usize, BuildHasherDefault<AsHashed>>; 3]);

impl Known {
    fn with_capacity(rows: usize) -> Self {
        Self(std::array::from_fn(|_| HashMap::with_capacity_and_hasher(rows, BuildHasherDefault::default())))
    }

    fn find(&self, fingerprints: Fingerprints) -> Option<usize> {
        self.0.iter().zip(fingerprints).find_map(|(rows, fingerprint)| rows.get(&fingerprint?).copied())
    }

    fn insert(&mut self, fingerprints: Fingerprints, original: usize) {
        for (rows, fingerprint) in self.0.iter_mut().zip(fingerprints) {
            if let Some(fingerprint) = fingerprint {
                rows.entry(fingerprint).or_insert(original);
            }
        }
    }
}
