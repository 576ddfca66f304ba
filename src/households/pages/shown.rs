//! A household as tables and comparisons show it.

use crate::households::store::table::Listed;
use crate::households::stored_category::CategoryReader;
use crate::households::view::Household;
use crate::http::Result;
use crate::vault::Vault;

/// A household as a page shows it, with its area's name.
pub(in crate::households) struct Shown {
    pub(in crate::households) household: Household,
    pub(in crate::households) area: String,
}

impl Shown {
    /// With phone, id number and note masked (`full` is false) or not.
    pub(in crate::households) fn of(
        vault: &Vault,
        categories: &CategoryReader,
        listed: Listed,
        full: bool,
    ) -> Result<Self> {
        Ok(Self { household: Household::of(vault, categories, listed.stored, full)?, area: listed.area })
    }
}
