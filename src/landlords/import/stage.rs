//! A list between upload and commit: what is kept of it, and how its rows meet what is stored.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::ReductionRow;
use super::kind::Opened;
use super::store::{self, Print};
use crate::db::{Bytes, Conn};
use crate::http::Result;
use crate::kernel::ids::{AreaId, ReductionId};
use crate::kernel::vietnamese::{address_key, fold};
use crate::kernel::{Dong, Message, Month, PhoneNumber};
use crate::landlords::rules::Cut;
use crate::places;
use crate::spreadsheet::{Choice, Issue, Reading, RowStatus, issue};
use crate::vault::{Purpose, Vault};

/// What is kept of the upload beside its rows.
#[derive(Clone, Serialize, Deserialize)]
pub struct Options {
    /// The area of rows that name none, checked.
    pub(super) area_id: Option<AreaId>,
    /// Columns chosen by hand.
    #[serde(default)]
    pub(super) columns: Vec<Choice>,
}

/// A row that says everything a reduction needs.
#[derive(Clone, Copy)]
pub(super) struct Whole<'a> {
    pub(super) row: &'a ReductionRow,
    pub(super) rooms: u16,
    pub(super) rent: Dong,
    pub(super) cut: Cut,
    pub(super) reduced: Dong,
    pub(super) from: Month,
    pub(super) to: Month,
}

impl<'a> Whole<'a> {
    /// Nothing when the row lacks something, or cuts nothing.
    pub(super) fn of(row: &'a ReductionRow) -> Option<Self> {
        let rent = row.rent?;
        let cut = match row.reduction? {
            super::Reduction::Waiver => Cut::Waiver,
            super::Reduction::Percent { basis_points } => Cut::Percent(i64::from(basis_points)),
            super::Reduction::Amount { amount } => Cut::Amount(amount),
        };
        let reduced = cut.of(rent).ok()?;
        Some(Self { row, rooms: row.rooms?, rent, cut, reduced, from: row.from?, to: row.to? })
    }

    /// The months, both ends counted.
    pub(super) fn months(self) -> impl Iterator<Item = Month> + 'a {
        (0..self.from.months_through(self.to)).filter_map(move |n| self.from.plus(n))
    }
}

/// Who a landlord of the list is: the first phone and the first address that any of the rows gives.
pub(super) struct Who {
    pub(super) name: String,
    pub(super) name_key: String,
    pub(super) phone: Option<PhoneNumber>,
    pub(super) address: String,
    pub(super) address_key: String,
}

/// The landlords of a list by their number in it.
pub(super) fn landlords(reading: &Reading<ReductionRow>) -> HashMap<u32, Who> {
    let mut landlords: HashMap<u32, Who> = HashMap::new();
    for row in reading.rows.iter().filter_map(|row| row.parsed.as_ref()).filter(|row| row.landlord > 0) {
        let who = landlords.entry(row.landlord).or_insert_with(|| Who {
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

/// Which rows of a list are stored already, by their place in the reading.
pub(super) async fn known(
    conn: &mut Conn,
    vault: &Vault,
    reading: &Reading<ReductionRow>,
) -> Result<BTreeMap<usize, ReductionId>> {
    let landlords = landlords(reading);
    let prints: Vec<Print> = reading
        .rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.status == RowStatus::New)
        .filter_map(|(at, row)| {
            let whole = Whole::of(row.parsed.as_ref()?)?;
            let who = landlords.get(&whole.row.landlord)?;
            Some(Print {
                n: i64::try_from(at).ok()?,
                name_key: who.name_key.clone(),
                phone_index: who.phone.as_ref().map(|phone| Bytes(vault.index(Purpose::Phone, phone.as_str()))),
                address_key: who.address_key.clone(),
                rooms: i64::from(whole.rooms),
                first: whole.from,
                last: whole.to,
                rent: whole.rent.0,
                reduced: whole.reduced.0,
            })
        })
        .collect();
    let stored = store::stored_already(conn, &prints).await?;
    Ok(stored.into_iter().filter_map(|(at, id)| Some((usize::try_from(at).ok()?, id))).collect())
}

/// Finds areas by what a list calls them: `5`, `KDC 5`, `Khu dân cư số 05`, `Tổ 12`.
pub(super) struct Areas {
    by_key: HashMap<(bool, String), Option<AreaId>>,
}

impl Areas {
    /// The areas below `within`, or all.
    pub(super) async fn read(conn: &mut Conn, within: Option<AreaId>) -> Result<Self> {
        let below = match within {
            Some(area_id) => Some(places::store::subtree(conn, area_id).await?),
            None => None,
        };
        let mut by_key: HashMap<(bool, String), Option<AreaId>> = HashMap::new();
        for (id, name, kind) in store::areas(conn).await? {
            if kind == "ward" || below.as_ref().is_some_and(|below| !below.contains(&id)) {
                continue;
            }
            // Two areas of one key are told apart by nobody: neither is meant.
            by_key.entry((kind == "group", key(&name).1)).and_modify(|known| *known = None).or_insert(Some(id));
        }
        Ok(Self { by_key })
    }

    /// The one area that is meant, if it is clear.
    pub(super) fn find(&self, text: &str) -> Option<AreaId> {
        let (group, key) = key(text);
        self.by_key.get(&(group, key)).copied().flatten()
    }
}

/// Where reductions go whose area is not registered, if there are any to be stored.
pub(super) async fn areas_unknown(conn: &mut Conn, list: &Opened) -> Result<Option<Issue>> {
    let areas = Areas::read(conn, list.options.area_id).await?;
    let words = list.stored().filter_map(|row| row.area_text.as_deref()).filter(|text| areas.find(text).is_none());
    let instead = match list.options.area_id {
        Some(_) => {
            Message::fixed("các khoản giảm đó sẽ thuộc khu vực đã chọn.", "these reductions go to the chosen area.")
        }
        None => Message::fixed(
            "các khoản giảm đó chưa thuộc khu vực nào, nên trưởng khu không thấy để xác minh.",
            "these reductions belong to no area, so no head sees them to verify.",
        ),
    };
    Ok(issue::areas_unknown(words, &instead))
}

/// Whether a group (tổ) is meant, and the name without the words for the kind of area.
fn key(text: &str) -> (bool, String) {
    let folded = fold(text);
    let group = folded.split(' ').any(|word| matches!(word, "to" | "tdp"));
    let words = folded
        .split(' ')
        .filter(|word| !matches!(*word, "khu" | "dan" | "cu" | "kdc" | "so" | "to" | "tdp" | "pho" | "kv" | "vuc"));
    let words: Vec<&str> = words
        .map(|word| match word.trim_start_matches('0') {
            "" => word,
            rest => rest,
        })
        .collect();
    (group, words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_area_meet() {
        for text in ["5", "05", "KDC 5", "Khu dân cư số 5", "kdc số 05"] {
            assert_eq!(key(text), (false, "5".to_owned()), "{text}");
        }
        assert_eq!(key("Tổ 12"), (true, "12".to_owned()));
        assert_eq!(key("TDP 12"), (true, "12".to_owned()));
    }
}
