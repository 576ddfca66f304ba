//! Which households a list shows, as its statements take it.

use crate::households::{Category, HouseholdStatus};
use crate::kernel::Within;
use crate::kernel::ids::AreaId;

/// Which households a list shows.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Only those of these areas.
    pub scope: Within<AreaId>,
    /// Nothing: all.
    pub category: Option<Category>,
    /// Nothing: all.
    pub status: Option<HouseholdStatus>,
}
