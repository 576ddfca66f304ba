//! Areas are registered, renamed, moved, and closed when borders are redrawn.

use crate::db::{ErrorKind, Tx, classify};
use crate::http::{Error, Result};
use crate::kernel::ids::AreaId;
use crate::kernel::{Clock, Day, Message};
use crate::people::audit::{self, Act};
use crate::people::caller::forget_believed;
use crate::people::rights::ManagePlaces;
use crate::people::{Permit, Staff};
use crate::places::area::Area;
use crate::places::area_body::{AreaChange, NewArea};
use crate::places::lookup::{reachable_area, require_area};
use crate::places::rules::{may_close, may_rename};
use crate::places::store::{self, AreaState};

/// Registers an area.
pub(in crate::places) async fn create(
    tx: &mut Tx,
    clock: &Clock,
    permit: &Permit<ManagePlaces>,
    new: NewArea,
) -> Result<Area> {
    if let Some(parent_id) = new.parent_id {
        require_area(tx, "parent_id", parent_id).await?;
    }
    for (i, predecessor_id) in new.predecessor_ids.iter().enumerate() {
        require_area(tx, &format!("predecessor_ids[{i}]"), *predecessor_id).await?;
        permit.scope.areas.require(*predecessor_id)?;
    }
    let id = AreaId::new(clock);
    store::insert_area(tx, clock, id, new).await.map_err(code_taken)?;
    audit::append(tx, clock, permit.actor(), Act::on("create", "area", id.0)).await?;
    tx.after_commit(forget_believed);
    store::area(tx, id).await?.ok_or(Error::NotFound)
}

/// Renames, moves or closes an area.
pub(in crate::places) async fn change(
    tx: &mut Tx,
    clock: &Clock,
    permit: &Permit<ManagePlaces>,
    id: AreaId,
    change: AreaChange,
) -> Result<Area> {
    let before = reachable_area(tx, &permit.scope.areas, id).await?;
    require_may_change(permit, &before, &change)?;
    if let Some(parent_id) = change.parent_id.filter(|parent_id| Some(*parent_id) != before.parent_id) {
        require_area(tx, "parent_id", parent_id).await?;
        require_outside(tx, "parent_id", id, parent_id).await?;
    }
    if let Some(Some(ends_on)) = change.ends_on {
        require_closable(tx, &before, ends_on).await?;
    }
    for (i, successor_id) in change.successor_ids.iter().enumerate() {
        let field = format!("successor_ids[{i}]");
        require_area(tx, &field, *successor_id).await?;
        require_outside(tx, &field, id, *successor_id).await?;
    }
    let state = AreaState {
        name: change.name.unwrap_or(before.name),
        parent_id: change.parent_id.or(before.parent_id),
        code: change.code.unwrap_or(before.code),
        ends_on: change.ends_on.unwrap_or(before.ends_on),
    };
    store::update_area(tx, id, state).await.map_err(code_taken)?;
    store::link_successors(tx, id, &change.successor_ids).await?;
    audit::append(tx, clock, permit.actor(), Act::on("update", "area", id.0)).await?;
    tx.after_commit(forget_believed);
    store::area(tx, id).await?.ok_or(Error::NotFound)
}

/// Who lies in whose area is decided by logins of the whole ward.
fn require_may_change(staff: &Staff, area: &Area, change: &AreaChange) -> Result<()> {
    if !staff.is_confined() {
        return Ok(());
    }
    let moved = change.parent_id.is_some_and(|parent_id| Some(parent_id) != area.parent_id);
    if moved || !may_rename(staff, area) || (change.ends_on.is_some() && !may_close(staff, area)) {
        return Err(Error::Forbidden);
    }
    change.successor_ids.iter().try_for_each(|id| staff.scope.areas.require(*id))
}

/// An area can't lie inside itself, nor take its own place.
async fn require_outside(tx: &mut Tx, field: &str, id: AreaId, other: AreaId) -> Result<()> {
    if store::subtree(tx, id).await?.contains(&other) {
        return Err(Error::field(
            field,
            "circular",
            Message::fixed("Không thể đặt một khu vực vào trong chính nó.", "An area can't lie inside itself."),
        ));
    }
    Ok(())
}

async fn require_closable(tx: &mut Tx, area: &Area, ends_on: Day) -> Result<()> {
    if ends_on < area.starts_on {
        return Err(Error::field(
            "ends_on",
            "out_of_range",
            Message::fixed("Ngày kết thúc không được trước ngày bắt đầu.", "The last day can't come before the first."),
        ));
    }
    if store::open_inside(tx, area.id).await? > 0 {
        return Err(Error::conflict(
            "area_in_use",
            "Trong khu vực này còn khu vực con hoặc điểm phát đang mở. Hãy chuyển hoặc đóng chúng trước.",
            "Open areas or points lie in this area. Move or close them first.",
        ));
    }
    Ok(())
}

fn code_taken(error: sqlx::Error) -> Error {
    if classify(&error) == ErrorKind::Unique {
        return Error::field(
            "code",
            "taken",
            Message::fixed("Mã này đã dùng cho khu vực khác.", "This code belongs to another area."),
        );
    }
    error.into()
}
