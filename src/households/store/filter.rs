//! Which households a list shows, as its statements take it.

use crate::kernel::Within;
use crate::kernel::ids::AreaId;

/// Which households a list shows.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Only those of these areas.
    pub scope: Within<AreaId>,
    /// A category's name; empty: all.
    pub category: String,
    /// A status; empty: all.
    pub status: String,
}
