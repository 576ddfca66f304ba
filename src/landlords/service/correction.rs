//! A pledge is corrected by staff.

use crate::db::Tx;
use crate::http::{Core, Result};
use crate::kernel::ids::ReductionId;
use crate::landlords::correction::{Correction, NewTerms};
use crate::landlords::lookup::{area_of_new, lock_reachable, view};
use crate::landlords::reduction::Reduction;
use crate::landlords::step::wrong_step;
use crate::landlords::store::{self, ReductionChange, ReductionRow};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::VerifyRent;

/// Corrects a reduction while it is pledged.
pub(in crate::landlords) async fn correct(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<VerifyRent>,
    id: ReductionId,
    correction: Correction,
) -> Result<Reduction> {
    let Correction { reason, mut terms } = correction;
    let row = lock_reachable(tx, permit, id).await?;
    if let Some(area_id) = terms.area_id {
        terms.area_id = area_of_new(tx, Some(permit), Some(area_id)).await?;
    }
    apply(tx, core, &row, terms).await?;
    let by = Some(permit.id.0);
    let correction = store::corrections::keep(tx, &core.clock, id, reason, by).await?;
    let act = Act::on("correct", "rent_reduction", id.0).with(serde_json::json!({ "correction_id": correction }));
    audit::append(tx, &core.clock, permit.actor(), act).await?;
    view(core, tx, permit, id).await
}

/// Changes a pledge that is locked, and its lines where there are others; refuses once it is no pledge any more.
pub(super) async fn apply(tx: &mut Tx, core: &Core, row: &ReductionRow, terms: NewTerms) -> Result<()> {
    let NewTerms { landlord, area_id, lines, note } = terms;
    let landlord_id = match &landlord {
        Some(new) => {
            let area_id = area_id.or(row.area_id);
            Some(store::find_or_insert_landlord(tx, &core.clock, &core.vault, new, area_id).await?)
        }
        None => None,
    };
    let address = landlord.map(|landlord| landlord.address).filter(|address| !address.is_empty());
    let change = ReductionChange { landlord_id, area_id, note, address, at: core.clock.now() };
    if !store::correct(tx, row.id, change).await? {
        return Err(wrong_step());
    }
    if let Some(lines) = lines {
        store::delete_lines(tx, row.id).await?;
        store::insert_lines(tx, &core.clock, row.id, landlord_id.unwrap_or(row.landlord_id), &lines).await?;
    } else if let Some(landlord_id) = landlord_id.filter(|new| *new != row.landlord_id) {
        store::move_lines(tx, &core.clock, row.id, landlord_id).await?;
    }
    Ok(())
}
