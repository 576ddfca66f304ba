//! Distribution points and warehouses are registered, changed, closed for good.

use crate::db::Tx;
use crate::http::{Core, Error, Result};
use crate::kernel::Clock;
use crate::kernel::ids::PointId;
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::caller::forget_believed;
use crate::people::rights::ManagePlaces;
use crate::places::lookup::require_area;
use crate::places::point::Point;
use crate::places::point_body::{NewPoint, PointChange};
use crate::places::store::{self, PointState};

/// Registers a distribution point or a warehouse.
pub(in crate::places) async fn create(
    tx: &mut Tx,
    clock: &Clock,
    permit: &Permit<ManagePlaces>,
    new: NewPoint,
) -> Result<Point> {
    require_area(tx, "area_id", new.area_id).await?;
    let point = store::insert_point(tx, clock, new).await?;
    audit::append(tx, clock, permit.actor(), Act::on("create", "point", point.id.0)).await?;
    tx.after_commit(forget_believed);
    Ok(point)
}

/// Changes, closes or reopens a point.
pub(in crate::places) async fn change(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<ManagePlaces>,
    id: PointId,
    change: PointChange,
) -> Result<Point> {
    let before = store::lock_point(tx, id).await?.ok_or(Error::NotFound)?;
    permit.require_point(id)?;
    if let Some(area_id) = change.area_id.filter(|area_id| *area_id != before.area_id) {
        // Who names points alone reaches no area of their own: taking a point away from its area is not for them.
        if permit.scope.areas.is_all() {
            permit.require_unconfined()?;
        }
        permit.scope.areas.require(area_id)?;
        require_area(tx, "area_id", area_id).await?;
    }
    let closed_at = match change.closed {
        Some(true) if before.closed_at.is_none() => {
            require_unused(tx, id).await?;
            Some(core.clock.now())
        }
        Some(false) => None,
        _ => before.closed_at,
    };
    let state = PointState {
        name: change.name.unwrap_or(before.name),
        area_id: change.area_id.unwrap_or(before.area_id),
        address: change.address.unwrap_or(before.address),
        desks: change.desks.unwrap_or(before.desks),
        closed_at,
    };
    store::update_point(tx, id, state).await?;
    audit::append(tx, &core.clock, permit.actor(), Act::on("update", "point", id.0)).await?;
    let core = core.clone();
    tx.after_commit(move || {
        forget_believed();
        core.changed();
    });
    store::point(tx, id).await?.ok_or(Error::NotFound)
}

/// A point that closes leaves neither goods nor vouchers behind.
async fn require_unused(tx: &mut Tx, id: PointId) -> Result<()> {
    let used = store::point_use(tx, id).await?;
    if used.items > 0 {
        return Err(Error::conflict(
            "point_holds_goods",
            "Điểm này còn hàng. Hãy chuyển kho hoặc điều chỉnh tồn về 0 trước khi đóng.",
            "The point still holds goods. Transfer them, or adjust its stock to zero, before it closes.",
        ));
    }
    if used.rounds > 0 {
        return Err(Error::conflict(
            "point_in_round",
            "Điểm này thuộc một đợt phát chưa đóng. Hãy đóng đợt phát trước.",
            "The point belongs to a round that is not closed. Close the round first.",
        ));
    }
    Ok(())
}
