//! Who the landlords of a list are.

use std::collections::HashMap;

use super::row::ReductionRow;
use crate::kernel::PhoneNumber;
use crate::kernel::vietnamese::{address_key, fold};
use crate::spreadsheet::Reading;

/// ListedLandlord a landlord of the list is: the first phone and the first address that any of the rows gives.
pub struct ListedLandlord {
    pub name: String,
    pub name_key: String,
    pub phone: Option<PhoneNumber>,
    pub address: String,
    pub address_key: String,
}

/// The landlords of a list by their number in it.
pub fn landlords(reading: &Reading<ReductionRow>) -> HashMap<u32, ListedLandlord> {
    let mut landlords: HashMap<u32, ListedLandlord> = HashMap::new();
    for row in reading.rows.iter().filter_map(|row| row.parsed.as_ref()).filter(|row| row.landlord > 0) {
        let who = landlords.entry(row.landlord).or_insert_with(|| ListedLandlord {
            name: row.landlord_name.clone(),
            name_key: fold(&row.landlord_name),
            phone: None,
            address: String::new(),
            address_key: String::new(),
        });
        if who.phone.is_none() {
            who.phone.clone_from(&row.phone);
        }
        if let (true, Some(address)) = (who.address.is_empty(), &row.address) {
            who.address.clone_from(address);
            who.address_key = address_key(address);
        }
    }
    landlords
}
