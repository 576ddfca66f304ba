//! Erasing a household's personal data: an anonymous shell stays for the totals.

use crate::db::Tx;
use crate::households::lookup::{lock_reachable, require_active};
use crate::households::store;
use crate::households::view::{Household, shown_after};
use crate::http::{Core, Result};
use crate::kernel::ids::HouseholdId;
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::WriteHouseholds;

/// Erases a household's personal data for good, also that of households merged into it.
pub(in crate::households) async fn erase(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<WriteHouseholds>,
    id: HouseholdId,
) -> Result<Household> {
    let stored = lock_reachable(tx, &permit.scope.areas, id).await?;
    require_active(&stored)?;
    store::erase(tx, &core.clock, id).await?;
    audit::append(tx, &core.clock, permit.actor(), Act::on("erase", "household", id.0)).await?;
    let told = core.clone();
    tx.after_commit(move || told.changed());
    shown_after(tx, core, permit, id).await
}
