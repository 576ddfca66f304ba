//! Which households a list shows, as its statements take it.

use crate::households::HouseholdStatus;
use crate::households::stored_category::CategoryFilter;
use crate::kernel::Within;
use crate::kernel::ids::AreaId;

/// Which households a list shows.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Only those of these areas.
    pub scope: Within<AreaId>,
    pub category: CategoryFilter,
    /// Nothing: all.
    pub status: Option<HouseholdStatus>,
}
