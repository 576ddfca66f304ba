//! Vouchers of a round are issued, or it is seen what issuing would do.

use std::collections::HashSet;

use serde_json::json;

use crate::db::{Conn, Tx};
use crate::households::{Category, StoredCategory};
use crate::http::{Core, Error, Result};
use crate::kernel::ids::{AreaId, RoundId};
use crate::kernel::{FieldError, Message, Within};
use crate::people::audit::{self, Act};
use crate::people::rights::WriteVouchers;
use crate::people::{Permit, Staff};
use crate::places;
use crate::vault::Vault;
use crate::vouchers::issuing;
use crate::vouchers::issuing_plan::{Issued, Request};
use crate::vouchers::preview::IssuePreview;
use crate::vouchers::reach::{lock_round, seen_round};
use crate::vouchers::round::round_closed;
use crate::vouchers::selection::Selection;
use crate::vouchers::store::issuing::{CategoryRow, Chosen};

/// Issues vouchers to households: one to each that has none of the round. A login that is confined issues to households
/// of its areas, at its own points.
pub async fn issue(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<WriteVouchers>,
    id: RoundId,
    selection: Selection,
) -> Result<Issued> {
    let round = lock_round(tx, &permit.scope.points, id).await?;
    if round.is_closed() {
        return Err(round_closed());
    }
    let units = selection.units;
    let request = request(tx, &core.vault, permit, selection).await?;
    let issued = issuing::issue(tx, core, &round, request).await?;
    let detail = json!({ "issued": issued.issued, "skipped": issued.skipped.len(), "units": units });
    audit::append(tx, &core.clock, permit.actor(), Act::on("issue", "round", id.0).with(detail)).await?;
    core.changed_after(tx);
    Ok(issued)
}

/// What [`issue`] would do, and what each point has for it.
pub async fn preview(
    conn: &mut Conn,
    core: &Core,
    permit: &Permit<WriteVouchers>,
    id: RoundId,
    selection: Selection,
) -> Result<IssuePreview> {
    let round = seen_round(conn, &permit.scope.points, id).await?;
    if round.is_closed() {
        return Err(round_closed());
    }
    let units = selection.units;
    let request = request(conn, &core.vault, permit, selection).await?;
    let plan = issuing::plan(conn, core, &round, &request).await?;
    Ok(IssuePreview::of(plan, units))
}

/// Spells out the areas and keeps a login inside its own.
async fn request(conn: &mut Conn, vault: &Vault, staff: &Staff, selection: Selection) -> Result<Request> {
    let scope = &staff.scope.areas;
    let mut areas: HashSet<AreaId> = HashSet::new();
    for (i, area_id) in selection.area_ids.iter().enumerate() {
        let below = places::store::subtree(conn, *area_id).await?;
        if below.is_empty() {
            return Err(unknown_area(i));
        }
        scope.require(*area_id)?;
        areas.extend(below);
    }
    let areas = if selection.area_ids.is_empty() { scope.clone() } else { Within::these(areas) };
    let given = |any: bool| any.then_some(());
    let mut seen = HashSet::new();
    let households = selection.household_ids.iter().copied().filter(|id| seen.insert(*id));
    let stored = |category: &Category| CategoryRow { name: StoredCategory::of(vault, *category) };
    let categories = selection.categories.iter().map(stored);
    Ok(Request {
        chosen: Chosen {
            households: given(!selection.household_ids.is_empty()).map(|()| households.collect()),
            areas,
            categories: given(!selection.categories.is_empty()).map(|()| categories.collect()),
        },
        point_id: selection.point_id,
        units: selection.units,
        scope: scope.clone(),
        own_points: staff.scope.points.clone(),
        issued_by: Some(staff.id),
    })
}

fn unknown_area(i: usize) -> Error {
    FieldError::new(
        format!("area_ids[{i}]"),
        "unknown",
        Message::fixed(
            "Không có khu vực này. Xem danh sách khu vực rồi chọn lại.",
            "There is no such area. See the list of areas and choose again.",
        ),
    )
    .into()
}
