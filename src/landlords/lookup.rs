//! Reductions and areas that a request names: within a login's reach, and as staff see them.

use super::reduction::Reduction;
use super::store::{self, ReductionRow};
use crate::db::{Conn, Tx};
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
    store::reduction(conn, &staff.scope.areas, id).await?.ok_or(Error::NotFound)
}

/// The same, locked with its rooms until the transaction ends.
pub(super) async fn lock_reachable(tx: &mut Tx, staff: &Staff, id: ReductionId) -> Result<ReductionRow> {
    if !store::lock(tx, &staff.scope.areas, id).await? {
        return Err(Error::NotFound);
    }
    reachable(tx, staff, id).await
}

/// The reduction as staff see it after a change, with its lines and a masked phone.
pub(super) async fn view(core: &Core, conn: &mut Conn, staff: &Staff, id: ReductionId) -> Result<Reduction> {
    let row = reachable(conn, staff, id).await?;
    let mut reduction = row.view(&core.vault, false)?;
    reduction.lines = Some(store::lines(conn, id).await?);
    Ok(reduction)
}
