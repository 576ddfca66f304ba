//! Correcting a pledge, by staff or through the private link.

use serde::Deserialize;

use crate::db::Tx;
use crate::http::{Core, Result};
use crate::kernel::Validation;
use crate::kernel::ids::{AreaId, ReductionId};
use crate::landlords::lookup::{area_of_new, reachable, view};
use crate::landlords::reduction::Reduction;
use crate::landlords::rules::{self, LandlordBody, NewLine, RoomBody};
use crate::landlords::step::wrong_step;
use crate::landlords::store;
use crate::landlords::store::{Correction, ReductionRow};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::VerifyRent;

/// What is corrected about a pledge; what is left out stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"reason": "Chủ nhà trọ báo nhầm tháng",
    "rooms": [{"room": "Phòng 1", "month": "2021-08", "rent": 1_400_000, "kind": "waiver"}]}))]
pub(in crate::landlords) struct CorrectionBody {
    /// Why, for the log.
    pub(in crate::landlords) reason: String,
    /// Who cuts the rent.
    pub(in crate::landlords) landlord: Option<LandlordBody>,
    /// The area whose head verifies it.
    pub(in crate::landlords) area_id: Option<AreaId>,
    /// All lines, instead of those there are.
    pub(in crate::landlords) rooms: Option<Vec<RoomBody>>,
    /// The landlord's note.
    pub(in crate::landlords) note: Option<String>,
}

/// Changes a pledge that is locked, and its lines where there are others; refuses once it is no pledge any more.
pub(in crate::landlords) async fn apply(
    tx: &mut Tx,
    core: &Core,
    row: &ReductionRow,
    change: Correction,
    lines: Option<&[NewLine]>,
) -> Result<()> {
    let landlord_id = change.landlord_id;
    if !store::correct(tx, row.id, change).await? {
        return Err(wrong_step());
    }
    if let Some(lines) = lines {
        store::delete_lines(tx, row.id).await?;
        store::insert_lines(tx, &core.clock, row.id, landlord_id.unwrap_or(row.landlord_id), lines).await?;
    } else if let Some(landlord_id) = landlord_id.filter(|new| *new != row.landlord_id) {
        store::move_lines(tx, &core.clock, row.id, landlord_id).await?;
    }
    Ok(())
}

/// Corrects a reduction while it is pledged.
pub(in crate::landlords) async fn correct(
    core: &Core,
    permit: &Permit<VerifyRent>,
    id: ReductionId,
    body: CorrectionBody,
) -> Result<Reduction> {
    let mut fields = Validation::new();
    let reason = fields.take("reason", audit::parse_reason(&body.reason));
    let landlord = body.landlord.as_ref().and_then(|body| rules::check_landlord(&mut fields, "landlord", body));
    let lines = body.rooms.as_ref().map(|rooms| rules::check_rooms(&mut fields, rooms, core.clock.today()));
    let note = fields.take_optional("note", body.note, |note| rules::parse_note(&note));
    fields.finish()?;
    let mut tx = core.db.begin().await?;
    store::lock(&mut tx, id).await?;
    let row = reachable(&mut tx, permit, id).await?;
    let area_id = match body.area_id {
        Some(area_id) => area_of_new(&mut tx, Some(permit), Some(area_id)).await?,
        None => None,
    };
    let landlord_id = match &landlord {
        Some(new) => {
            let area_id = area_id.or(row.area_id);
            Some(store::find_or_insert_landlord(&mut tx, &core.clock, &core.vault, new, area_id).await?)
        }
        None => None,
    };
    let address = landlord.map(|landlord| landlord.address).filter(|address| !address.is_empty());
    let change = Correction { landlord_id, area_id, note, address, at: core.clock.now() };
    apply(&mut tx, core, &row, change, lines.as_deref()).await?;
    let act = Act::on("correct", "rent_reduction", id.0).with(serde_json::json!({ "reason": reason }));
    audit::append(&mut tx, &core.clock, permit.actor(), act).await?;
    let reduction = view(core, &mut tx, id).await?;
    tx.commit().await?;
    Ok(reduction)
}
