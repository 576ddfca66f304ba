//! Erasing a household's personal data: an anonymous shell stays for the totals.

use crate::households::lookup::{in_scope, require_active};
use crate::households::store;
use crate::households::view::{Household, shown};
use crate::http::{Core, Error, Result};
use crate::kernel::ids::HouseholdId;
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::WriteHouseholds;
use crate::places::AreaScope;

/// Erases a household's personal data for good, also that of households merged into it.
pub(in crate::households) async fn erase(
    core: &Core,
    permit: &Permit<WriteHouseholds>,
    id: HouseholdId,
) -> Result<Household> {
    let mut tx = core.db.begin().await?;
    let scope = AreaScope::of(permit);
    let stored = in_scope(store::lock(&mut tx, id).await?, &scope)?;
    require_active(&stored)?;
    store::erase(&mut tx, &core.clock, id).await?;
    audit::append(&mut tx, &core.clock, permit.actor(), Act::on("erase", "household", id.0)).await?;
    let stored = store::household(&mut tx, id).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    core.changed();
    shown(core, permit, vec![stored]).await?.pop().ok_or(Error::NotFound)
}
