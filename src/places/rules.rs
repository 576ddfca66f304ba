//! Which logins may make or change which areas and points. Pure decisions.

use crate::http::{Error, Result};
use crate::kernel::ids::AreaId;
use crate::people::Staff;
use crate::places::area::{Area, AreaKind};

/// Refuses a login that is confined where it may not make an area of this kind: outside of its own, or a ward. One that was
/// given points alone has no area of its own.
pub(in crate::places) fn require_area_place(staff: &Staff, kind: AreaKind, parent_id: Option<AreaId>) -> Result<()> {
    match (staff.area_id, parent_id) {
        _ if !staff.is_confined() => Ok(()),
        (Some(_), Some(parent_id)) if kind != AreaKind::Ward => staff.scope.areas.require(parent_id),
        _ => Err(Error::Forbidden),
    }
}

/// Whether a login may rename an area that it reaches: not the ward, and not when it was given points alone.
pub(in crate::places) fn may_rename(staff: &Staff, area: &Area) -> bool {
    !staff.is_confined() || (staff.area_id.is_some() && area.kind != AreaKind::Ward)
}

/// Whether a login may close an area that it reaches and open it again: one that it may rename, but not the one it is
/// confined to.
pub(in crate::places) fn may_close(staff: &Staff, area: &Area) -> bool {
    may_rename(staff, area) && staff.area_id != Some(area.id)
}

/// Refuses a login that may make no point there: outside of its areas, or when its points were named one by one.
pub(in crate::places) fn require_point_place(staff: &Staff, area_id: AreaId) -> Result<()> {
    if !staff.named_points().is_all() {
        return Err(Error::Forbidden);
    }
    staff.scope.areas.require(area_id)
}
