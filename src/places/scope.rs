//! Which part of the ward a login sees.

use crate::kernel::Within;
use crate::kernel::ids::AreaId;
use crate::people::Staff;

/// The areas whose records a login may see and change.
pub type AreaScope = Within<AreaId>;

impl AreaScope {
    /// The areas of a login.
    pub fn of(staff: &Staff) -> Self {
        staff.scope.areas.clone()
    }
}
