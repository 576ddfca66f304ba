//! Which area a row goes to, by what it says or what is meant when it says nothing: `32`, `Tổ 32`, `TDP 32` and `Tổ 032` are one group.

use std::collections::{BTreeMap, HashMap};

use super::importer::Importer;
use crate::households::import::rows::HouseholdRow;
use crate::households::import::store::AreaRow;
use crate::kernel::ids::AreaId;
use crate::kernel::vietnamese::address_key;
use crate::places::AreaKind;
use crate::spreadsheet::{ListRow, Reading};

/// The areas that exist today, found by what lists call them.
#[derive(Debug, Default)]
pub struct AreaBook {
    parents: HashMap<AreaId, Option<AreaId>>,
    by_key: HashMap<String, Vec<AreaId>>,
    wards: Vec<AreaId>,
}

impl AreaBook {
    /// Indexes the areas.
    pub fn of(areas: Vec<AreaRow>) -> Self {
        let mut book = Self::default();
        for area in areas {
            if area.kind == AreaKind::Ward && area.parent_id.is_none() {
                book.wards.push(area.id);
            }
            book.by_key.entry(address_key(&area.name)).or_default().push(area.id);
            book.parents.insert(area.id, area.parent_id);
        }
        book
    }

    /// The ward, when there is just one.
    pub fn only_ward(&self) -> Option<AreaId> {
        match self.wards.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// The one area below `base` (anywhere without one) that the words can mean; nothing when none or several.
    pub fn find(&self, words: &str, base: Option<AreaId>) -> Option<AreaId> {
        let key = address_key(words);
        if key.is_empty() {
            return None;
        }
        let tried = if key.chars().all(|c| c.is_ascii_digit()) {
            vec![format!("to {key}"), format!("kdc {key}"), key]
        } else {
            vec![key]
        };
        let exact = tried.iter().find_map(|key| self.only(self.by_key.get(key)?, base, None));
        exact.or_else(|| {
            // `Tổ 3 - KDC 5`: the group of that neighbourhood.
            let (group, neighbourhood) = (numbered(&tried[0], "to")?, numbered(&tried[0], "kdc")?);
            let neighbourhood = self.only(self.by_key.get(&neighbourhood)?, base, None)?;
            self.only(self.by_key.get(&group)?, base, Some(neighbourhood)).or(Some(neighbourhood))
        })
    }

    fn only(&self, ids: &[AreaId], base: Option<AreaId>, within: Option<AreaId>) -> Option<AreaId> {
        let mut fitting = ids.iter().filter(|id| self.lies_in(**id, base) && self.lies_in(**id, within));
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => Some(*one),
            _ => None,
        }
    }

    /// Whether an area is `base` or lies below it.
    pub fn lies_in(&self, id: AreaId, base: Option<AreaId>) -> bool {
        let Some(base) = base else { return true };
        let mut at = Some(id);
        // An area can't lie inside itself, yet a bound keeps a damaged tree from looping.
        for _ in 0..32 {
            match at {
                Some(id) if id == base => return true,
                Some(id) => at = self.parents.get(&id).copied().flatten(),
                None => return false,
            }
        }
        false
    }
}

/// The areas that rows of a reading go to when they name none: chosen, else what a sheet's title says, else the
/// login's own area or the only ward.
pub struct DefaultAreas {
    chosen: Option<AreaId>,
    by_sheet: BTreeMap<usize, AreaId>,
    fallback: Option<AreaId>,
}

impl DefaultAreas {
    pub fn of(book: &AreaBook, importer: &Importer, chosen: Option<AreaId>, reading: &Reading<HouseholdRow>) -> Self {
        let fallback = importer.own_area.or_else(|| book.only_ward());
        let titled = reading.sheets.iter().filter_map(|sheet| {
            let area = book.find(sheet.title_area.as_deref()?, importer.own_area)?;
            Some((sheet.sheet, area))
        });
        Self { chosen, by_sheet: titled.collect(), fallback }
    }

    /// The area of a row, and whether its own words named it.
    pub fn area(&self, book: &AreaBook, row: &ListRow<HouseholdRow>) -> (Option<AreaId>, bool) {
        let base = self.chosen.or_else(|| self.by_sheet.get(&row.at.sheet).copied()).or(self.fallback);
        let words = row.parsed.as_ref().and_then(|parsed| parsed.area_text.as_deref());
        match words.and_then(|words| book.find(words, base)) {
            Some(area) => (Some(area), true),
            None => (base, false),
        }
    }
}

/// `to 3` of `to 3 kdc 5`.
fn numbered(key: &str, name: &str) -> Option<String> {
    let mut words = key.split(' ');
    words.find(|word| *word == name)?;
    words.next().map(|number| format!("{name} {number}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Clock, Moment};

    #[test]
    fn every_way_to_write_a_group_finds_it() {
        let clock = Clock::fixed(Moment::from_micros(0), 1);
        let row = |parent_id, name: &str, kind: AreaKind| AreaRow {
            id: AreaId::new(&clock),
            parent_id,
            name: name.to_owned(),
            kind,
        };
        let ward = row(None, "Phường Thanh Khê Tây", AreaKind::Ward);
        let kdc3 = row(Some(ward.id), "Khu dân cư số 3", AreaKind::Neighbourhood);
        let kdc5 = row(Some(ward.id), "KDC 5", AreaKind::Neighbourhood);
        let group = row(Some(kdc3.id), "Tổ 32", AreaKind::Group);
        let (one, other) =
            (row(Some(kdc3.id), "Tổ 1", AreaKind::Group), row(Some(kdc5.id), "Tổ dân phố 01", AreaKind::Group));
        let ids = (ward.id, kdc3.id, kdc5.id, group.id, one.id, other.id);
        let book = AreaBook::of(vec![ward, kdc3, kdc5, group, one, other]);
        for words in ["32", "Tổ 32", "TDP 32", "tổ 032", "Tổ dân phố số 32"] {
            assert_eq!(book.find(words, Some(ids.0)), Some(ids.3), "{words}");
        }
        assert_eq!(book.find("KDC 03", None), Some(ids.1));
        assert_eq!(book.find("Tổ 1", None), None, "two groups have this number");
        assert_eq!(book.find("Tổ 1", Some(ids.2)), Some(ids.5));
        assert_eq!(book.find("Tổ 1, KDC 5", None), Some(ids.5));
        assert_eq!(book.find("99", None), None);
        assert_eq!(book.only_ward(), Some(ids.0));
    }
}
