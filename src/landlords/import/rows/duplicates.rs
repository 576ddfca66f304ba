//! Which rows are of one landlord, and which say the same twice.

use std::collections::HashMap;

use super::row::ReductionRow;
use crate::kernel::PhoneNumber;
use crate::kernel::vietnamese::{address_key, fold};
use crate::spreadsheet::{ListRow, RowStatus};

/// The texts under which one landlord is found again: two are the same when they share one of the same kind.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct LandlordKeys {
    /// Folded name and phone.
    pub name_phone: Option<String>,
    /// Folded name and address key.
    pub name_address: Option<String>,
}

/// The keys of a landlord.
pub fn landlord_keys(name: &str, phone: Option<&PhoneNumber>, address: Option<&str>) -> LandlordKeys {
    let keys = crate::households::import::identity_keys(name, None, phone, address);
    LandlordKeys { name_phone: keys.name_phone, name_address: keys.name_address }
}

/// Numbers the landlords of the file: the same folded name with the same phone or the same address is one.
pub(super) fn tell_landlords_apart(rows: &mut [ListRow<ReductionRow>]) {
    let (mut by_phone, mut by_address): (HashMap<String, u32>, HashMap<String, u32>) = (HashMap::new(), HashMap::new());
    let mut last = 0;
    for row in rows.iter_mut().filter_map(|row| row.parsed.as_mut()).filter(|row| !row.landlord_name.is_empty()) {
        let keys = landlord_keys(&row.landlord_name, row.phone.as_ref(), row.address.as_deref());
        let known = keys.name_phone.as_ref().and_then(|key| by_phone.get(key));
        let known = known.or_else(|| keys.name_address.as_ref().and_then(|key| by_address.get(key))).copied();
        row.landlord = known.unwrap_or_else(|| {
            last += 1;
            last
        });
        if let Some(key) = keys.name_phone {
            by_phone.entry(key).or_insert(row.landlord);
        }
        if let Some(key) = keys.name_address {
            by_address.entry(key).or_insert(row.landlord);
        }
    }
}

/// Marks rows that say wholly the same as an earlier row.
pub(super) fn mark(rows: &mut [ListRow<ReductionRow>]) {
    let mut seen = HashMap::new();
    for row in rows.iter_mut().filter(|row| row.status == RowStatus::New) {
        let Some(parsed) = &row.parsed else { continue };
        let address = parsed.address.as_deref().map(address_key);
        let area = parsed.area_text.as_deref().map(address_key);
        let note = parsed.note.as_deref().map(fold);
        let months = (parsed.from, parsed.to);
        let reduction = parsed.reduction.map(|r| (parsed.rent.map(|rent| r.per_room_month(rent)), parsed.rent));
        let same = (parsed.landlord, address, area, note, parsed.rooms, reduction, months);
        match seen.get(&same) {
            Some(original) => {
                row.status = RowStatus::Duplicate;
                row.duplicate_of_row = Some(*original);
            }
            None => {
                seen.insert(same, row.at);
            }
        }
    }
}
