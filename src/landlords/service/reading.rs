//! Looking at one reduction: with its phone in full it is a look that is logged.

use crate::http::{Core, Result};
use crate::kernel::ids::ReductionId;
use crate::landlords::lookup::reachable;
use crate::landlords::reduction::Reduction;
use crate::landlords::store;
use crate::people::audit::{self, Act};
use crate::people::rights::ReadRent;
use crate::people::{Permit, Right};

/// One reduction with its lines; the phone in full for logins that need it, and that look is logged.
pub(in crate::landlords) async fn read_logged(
    core: &Core,
    permit: &Permit<ReadRent>,
    id: ReductionId,
) -> Result<Reduction> {
    let mut conn = core.db.read().await?;
    let row = reachable(&mut conn, permit, id).await?;
    let in_full = permit.role.may(Right::ReadPersonal);
    let mut reduction = row.view(&core.vault, in_full)?;
    reduction.lines = Some(store::lines(&mut conn, id).await?);
    drop(conn);
    if in_full && reduction.landlord.phone.is_some() {
        audit::record(core, permit.actor(), Act::on("read_personal", "rent_reduction", id.0)).await?;
    }
    Ok(reduction)
}
