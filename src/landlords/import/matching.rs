//! Which rows of a list are stored already, and which areas its words mean.

use std::collections::{BTreeMap, HashMap};

use super::RentReductions;
use super::rows::{Options, ReductionRow, Whole, landlords};
use super::store::{self, KeyRow};
use crate::db::{Bytes, Conn, Tx};
use crate::http::{Core, Result};
use crate::imports::kind::By;
use crate::imports::matching::ListMatching;
use crate::imports::staged::StagedList;
use crate::kernel::Within;
use crate::kernel::ids::{AreaId, ReductionId};
use crate::kernel::vietnamese::fold;
use crate::landlords::lookup::area_of_new;
use crate::places;
use crate::places::AreaKind;
use crate::spreadsheet::{Reading, RowStatus};
use crate::vault::{Purpose, Vault};

/// Marks the new rows that are stored already as duplicates; which reduction of these areas each one is, by its place in the
/// reading.
pub(super) async fn mark(
    conn: &mut Conn,
    vault: &Vault,
    areas: &Within<AreaId>,
    reading: &mut Reading<ReductionRow>,
) -> Result<BTreeMap<usize, ReductionId>> {
    let landlords = landlords(reading);
    let keys: Vec<KeyRow> = reading
        .rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.status == RowStatus::New)
        .filter_map(|(at, row)| {
            let whole = Whole::of(row.parsed.as_ref()?)?;
            let who = landlords.get(&whole.row.landlord)?;
            Some(KeyRow {
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
    let stored = store::stored_already(conn, areas, &keys).await?;
    let mut known = BTreeMap::new();
    for (place, id) in stored.into_iter().filter_map(|(at, id)| Some((usize::try_from(at).ok()?, id))) {
        reading.rows[place].status = RowStatus::Duplicate;
        known.extend(id.map(|id| (place, id)));
    }
    Ok(known)
}

/// The areas whose reductions whoever imports may see.
pub(super) fn reach(by: By<'_, RentReductions>) -> Within<AreaId> {
    by.map_or(Within::All, |permit| permit.scope.areas.clone())
}

/// Finds areas by what a list calls them: `5`, `KDC 5`, `Khu dân cư số 05`, `Tổ 12`.
pub struct Areas {
    by_key: HashMap<(bool, String), Option<AreaId>>,
}

impl Areas {
    /// The areas below `within`, or all.
    pub async fn read(conn: &mut Conn, within: Option<AreaId>) -> Result<Self> {
        let below = match within {
            Some(area_id) => Some(places::store::subtree(conn, area_id).await?),
            None => None,
        };
        let mut by_key: HashMap<(bool, String), Option<AreaId>> = HashMap::new();
        for (id, name, kind) in store::areas(conn).await? {
            if kind == AreaKind::Ward || below.as_ref().is_some_and(|below| !below.contains(&id)) {
                continue;
            }
            // Two areas of one key are told apart by nobody: neither is meant.
            by_key.entry((kind == AreaKind::Group, key(&name).1)).and_modify(|known| *known = None).or_insert(Some(id));
        }
        Ok(Self { by_key })
    }

    /// The one area that is meant, if it is clear.
    pub fn find(&self, text: &str) -> Option<AreaId> {
        let (group, key) = key(text);
        self.by_key.get(&(group, key)).copied().flatten()
    }
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

impl ListMatching for RentReductions {
    type Found = ();
    /// Rows that are stored already as reductions within reach, by their place in the reading.
    type Matches = BTreeMap<usize, ReductionId>;

    async fn check(tx: &mut Tx, by: By<'_, Self>, options: &mut Options) -> Result<()> {
        options.area_id = area_of_new(tx, by.map(|permit| &**permit), options.area_id).await?;
        Ok(())
    }

    async fn match_stored(
        conn: &mut Conn,
        core: &Core,
        by: By<'_, Self>,
        _list: &StagedList,
        _options: &Options,
        reading: &mut Reading<ReductionRow>,
        _found: (),
    ) -> Result<BTreeMap<usize, ReductionId>> {
        mark(conn, &core.vault, &reach(by), reading).await
    }
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
