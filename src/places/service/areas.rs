//! Areas are registered, renamed, moved, and closed when borders are redrawn.

use axum::http::StatusCode;
use serde::Deserialize;

use crate::db::{ErrorKind, Tx, classify};
use crate::http::{Answer, Claim, Core, CreateBody, Error, Result, given};
use crate::kernel::ids::AreaId;
use crate::kernel::{Day, Message, Validation};
use crate::people::audit::{self, Act};
use crate::people::caller::forget_believed;
use crate::people::rights::ManagePlaces;
use crate::people::{Permit, Staff};
use crate::places::AreaScope;
use crate::places::area::{Area, AreaKind};
use crate::places::lookup::{reachable_area, require_area};
use crate::places::name::parse_name;
use crate::places::rules::{may_close, may_rename, require_area_place};
use crate::places::store::{self, AreaState, NewArea};

/// An area to register.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "Khu dân cư số 3", "kind": "neighbourhood", "parent_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90"}))]
pub(in crate::places) struct NewAreaBody {
    /// 1 to 200 characters.
    pub(in crate::places) name: String,
    /// What kind of unit it is.
    pub(in crate::places) kind: AreaKind,
    /// The area it lies in; nothing for a ward.
    pub(in crate::places) parent_id: Option<AreaId>,
    /// The official code, unique.
    pub(in crate::places) code: Option<String>,
    /// The first day it exists; today when left out.
    pub(in crate::places) starts_on: Option<Day>,
    /// The areas it was made of, when borders were redrawn.
    #[serde(default)]
    pub(in crate::places) predecessor_ids: Vec<AreaId>,
}

/// What changes about an area; what is left out stays.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "Tổ 32 (mới)", "ends_on": "2025-06-30"}))]
pub(in crate::places) struct AreaChange {
    /// The new name.
    pub(in crate::places) name: Option<String>,
    /// The area it lies in from now on.
    pub(in crate::places) parent_id: Option<AreaId>,
    /// The new official code; empty for none.
    pub(in crate::places) code: Option<String>,
    /// The last day it exists; null opens it again. An area that open areas or points lie in can't end.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Day>)]
    pub(in crate::places) ends_on: Option<Option<Day>>,
    /// The areas that take its place, linked to it in addition to those that are already.
    #[serde(default)]
    pub(in crate::places) successor_ids: Vec<AreaId>,
}

/// Registers an area.
pub(in crate::places) async fn create(
    core: &Core,
    permit: &Permit<ManagePlaces>,
    create: CreateBody<NewAreaBody>,
) -> Result<Answer> {
    let CreateBody { body, once } = create;
    let mut fields = Validation::new();
    let name = fields.take("name", parse_name(&body.name));
    fields.finish()?;
    let name = name.unwrap_or_default();
    require_area_place(permit, body.kind, body.parent_id)?;
    body.predecessor_ids.iter().try_for_each(|id| AreaScope::of(permit).require(*id))?;
    let mut tx = match once.begin(core, permit.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    if let Some(parent_id) = body.parent_id {
        require_area(&mut tx, "parent_id", parent_id).await?;
    }
    for (i, predecessor_id) in body.predecessor_ids.iter().enumerate() {
        require_area(&mut tx, &format!("predecessor_ids[{i}]"), *predecessor_id).await?;
    }
    let area = NewArea {
        parent_id: body.parent_id,
        name_key: name.to_lowercase(),
        name,
        kind: body.kind,
        code: code_of(body.code),
        starts_on: body.starts_on.unwrap_or_else(|| core.clock.today()),
        predecessor_ids: body.predecessor_ids,
    };
    let area = store::insert_area(&mut tx, &core.clock, area).await.map_err(code_taken)?;
    audit::append(&mut tx, &core.clock, permit.actor(), Act::on("create", "area", area.id.0)).await?;
    let answer = once.finish(core, tx, permit.id.0, StatusCode::CREATED, &area).await?;
    forget_believed();
    Ok(answer)
}

/// Renames, moves or closes an area.
pub(in crate::places) async fn change(
    core: &Core,
    permit: &Permit<ManagePlaces>,
    id: AreaId,
    mut change: AreaChange,
) -> Result<Area> {
    let mut fields = Validation::new();
    let name = fields.take_optional("name", change.name.take(), |name| parse_name(&name));
    fields.finish()?;
    let mut tx = core.db.begin().await?;
    let before = reachable_area(&mut tx, &AreaScope::of(permit), id).await?;
    require_may_change(permit, &before, &change)?;
    if let Some(parent_id) = change.parent_id.filter(|parent_id| Some(*parent_id) != before.parent_id) {
        require_area(&mut tx, "parent_id", parent_id).await?;
        require_outside(&mut tx, "parent_id", id, parent_id).await?;
    }
    if let Some(Some(ends_on)) = change.ends_on {
        require_closable(&mut tx, &before, ends_on).await?;
    }
    for (i, successor_id) in change.successor_ids.iter().enumerate() {
        let field = format!("successor_ids[{i}]");
        require_area(&mut tx, &field, *successor_id).await?;
        require_outside(&mut tx, &field, id, *successor_id).await?;
    }
    let name = name.unwrap_or(before.name);
    let state = AreaState {
        name_key: name.to_lowercase(),
        name,
        parent_id: change.parent_id.or(before.parent_id),
        code: change.code.map_or(before.code, |code| code_of(Some(code))),
        ends_on: change.ends_on.unwrap_or(before.ends_on),
    };
    store::update_area(&mut tx, id, state).await.map_err(code_taken)?;
    store::link_successors(&mut tx, id, &change.successor_ids).await?;
    audit::append(&mut tx, &core.clock, permit.actor(), Act::on("update", "area", id.0)).await?;
    let area = store::area(&mut tx, id).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    forget_believed();
    Ok(area)
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
    change.successor_ids.iter().try_for_each(|id| AreaScope::of(staff).require(*id))
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

fn code_of(text: Option<String>) -> Option<String> {
    text.map(|code| code.trim().to_owned()).filter(|code| !code.is_empty())
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
