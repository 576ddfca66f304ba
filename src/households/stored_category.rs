//! A category as it is stored. Why a household is helped may be an illness, which is sensitive (law 91/2025). A column that
//! sealed illness alone would tell it by that, so every category is stored as a keyed hash of its name: the database alone
//! tells nobody what it stands for. What this costs: the database can't sort by category, and how often each occurs can be
//! counted still.

use std::collections::HashMap;

use serde::Serialize;

use super::category::Category;
use crate::http::{Error, Result};
use crate::kernel::ids::HouseholdId;
use crate::kernel::text_column::text_column;
use crate::vault::{Purpose, Vault};

/// Bytes of the hash that are kept: 11 names don't meet in them.
const KEPT: usize = 8;

/// What the column holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct StoredCategory(String);

text_column!(StoredCategory, |text| Ok::<_, std::convert::Infallible>(StoredCategory(text.to_owned())));

impl StoredCategory {
    /// What a category is stored as.
    pub fn of(vault: &Vault, category: Category) -> Self {
        let hash = vault.index(Purpose::Category, category.name());
        Self(data_encoding::HEXLOWER.encode(&hash[..KEPT]))
    }

    /// Whether a text may be one, of whatever secret.
    pub fn is_one(text: &str) -> bool {
        text.len() == 2 * KEPT && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    }

    /// The column's text.
    pub fn into_text(self) -> String {
        self.0
    }
}

/// Which categories a list shows, as its statements compare: the texts of those that are meant, or nothing for all.
#[derive(Clone, Debug, Default)]
pub struct CategoryFilter(String);

impl CategoryFilter {
    /// One category as its reader knows it, or all. To whoever may not see illness, the ill are among the others.
    pub fn of(vault: &Vault, category: Option<Category>, sees_illness: bool) -> Self {
        let shown = |known: Category| if sees_illness { known } else { known.masked() };
        let meant = |wanted| Category::ALL.into_iter().filter(move |known| shown(*known) == wanted);
        let texts = category.into_iter().flat_map(meant).map(|known| StoredCategory::of(vault, known).0);
        Self(texts.collect::<Vec<_>>().join(" "))
    }

    pub fn text(&self) -> String {
        self.0.clone()
    }
}

/// Reads stored categories.
#[derive(Clone, Debug)]
pub struct CategoryReader(HashMap<StoredCategory, Category>);

impl CategoryReader {
    /// Under this deployment's secret.
    pub fn new(vault: &Vault) -> Self {
        Self(Category::ALL.into_iter().map(|category| (StoredCategory::of(vault, category), category)).collect())
    }

    /// What a stored category stands for, if for any.
    pub fn find(&self, stored: &StoredCategory) -> Option<Category> {
        self.0.get(stored).copied()
    }

    /// What a household's category stands for; an internal error when it can't be read.
    pub fn read(&self, stored: &StoredCategory, id: HouseholdId) -> Result<Category> {
        let unreadable = || Error::internal(format!("column category of table households, row {id}, is no category"));
        self.find(stored).ok_or_else(unreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Clock, Moment};
    use crate::vault::MASTER_LEN;

    fn vault(master: u8) -> Vault {
        Vault::new([master; MASTER_LEN], Clock::fixed(Moment::from_micros(0), 1))
    }

    #[test]
    fn every_category_is_read_back_and_only_under_its_own_secret() {
        let (own, other) = (CategoryReader::new(&vault(1)), CategoryReader::new(&vault(2)));
        for category in Category::ALL {
            let stored = StoredCategory::of(&vault(1), category);
            assert_eq!(own.find(&stored), Some(category));
            assert_eq!(other.find(&stored), None);
            assert!(!stored.into_text().contains(category.name()));
        }
    }
}
