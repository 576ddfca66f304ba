//! Reductions and areas that a request names: within a login's reach, and as staff see them.

use super::reduction::Reduction;
use super::store::{self, ReductionRow};
use crate::db::Conn;
use crate::http::{Core, Error, Result};
use crate::kernel::ids::{AreaId, ReductionId};
use crate::people::Staff;
use crate::places;

/// The area of a new record: staff who are confined to an area may name one below it, and mean their own when they
/// name none.
pub(super) async fn area_of_new(
    conn: &mut Conn,
    staff: Option<&Staff>,
    area_id: Option<AreaId>,
) -> Result<Option<AreaId>> {
    let own = staff.and_then(|staff| staff.area_id);
    let Some(area_id) = area_id else { return Ok(own) };
    places::require_area(conn, "area_id", area_id).await?;
    if let Some(staff) = staff {
        staff.scope.areas.require(area_id)?;
    }
    Ok(Some(area_id))
}

/// A reduction within a login's reach; outside it there is none. One without an area is for the whole ward's staff.
pub(super) async fn reachable(conn: &mut Conn, staff: &Staff, id: ReductionId) -> Result<ReductionRow> {
    let row = store::reduction(conn, id).await?.ok_or(Error::NotFound)?;
    let areas = &staff.scope.areas;
    let within = row.area_id.map_or(areas.is_all(), |area_id| areas.holds(area_id));
    if within { Ok(row) } else { Err(Error::NotFound) }
}

/// The reduction as staff see it after a change, with its lines and a masked phone.
pub(super) async fn view(core: &Core, conn: &mut Conn, id: ReductionId) -> Result<Reduction> {
    let row = store::reduction(conn, id).await?.ok_or(Error::NotFound)?;
    let mut reduction = row.view(&core.vault, false)?;
    reduction.lines = Some(store::lines(conn, id).await?);
    Ok(reduction)
}
