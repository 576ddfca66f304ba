//! Which households a list shows, as its statements take it.

use crate::db::{IdRow, id_rows};
use crate::households::Category;
use crate::households::HouseholdStatus;
use crate::kernel::ids::AreaId;
use crate::places::AreaScope;

/// Which households a list shows.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Only those of these areas.
    pub scope: AreaScope,
    /// Nothing: all.
    pub category: Option<Category>,
    /// Nothing: all.
    pub status: Option<HouseholdStatus>,
}

/// The flag and the batch that a text reads as `($n = 0 or area_id in (select r.id from rows($m: id uuid) as r))`.
pub(in crate::households) fn area_rows(scope: &AreaScope) -> (i64, Vec<IdRow<AreaId>>) {
    match scope {
        AreaScope::All => (0, Vec::new()),
        AreaScope::These(areas) => (1, id_rows(areas.iter())),
    }
}
