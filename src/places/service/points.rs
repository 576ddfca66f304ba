//! Distribution points and warehouses are registered, changed, closed for good.

use axum::http::StatusCode;
use serde::Deserialize;

use crate::db::Tx;
use crate::http::{Answer, Claim, Core, CreateBody, Error, Result};
use crate::kernel::Validation;
use crate::kernel::ids::{AreaId, PointId};
use crate::kernel::message::Invalid;
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::caller::forget_believed;
use crate::people::rights::ManagePlaces;
use crate::places::AreaScope;
use crate::places::lookup::require_area;
use crate::places::name::parse_name;
use crate::places::point::{Point, PointKind};
use crate::places::rules::require_point_place;
use crate::places::store::{self, NewPoint, PointState};

/// A point to register.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "Nhà văn hóa khu dân cư số 3", "kind": "distribution",
    "area_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "address": "120 Trần Cao Vân", "desks": 2}))]
pub(in crate::places) struct NewPointBody {
    /// 1 to 200 characters.
    pub(in crate::places) name: String,
    /// What kind of place it is.
    pub(in crate::places) kind: PointKind,
    /// The area it lies in.
    pub(in crate::places) area_id: AreaId,
    /// Where people go.
    pub(in crate::places) address: Option<String>,
    /// How many desks (bàn phát), 1 to 99; 1 when left out.
    pub(in crate::places) desks: Option<i64>,
}

/// What changes about a point; what is left out stays. Its kind and its number never change: papers carry them.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "Nhà văn hóa khu dân cư số 3 (mới sửa)", "desks": 3}))]
pub(in crate::places) struct PointChange {
    /// The new name.
    pub(in crate::places) name: Option<String>,
    /// The area it lies in from now on.
    pub(in crate::places) area_id: Option<AreaId>,
    /// Where people go.
    pub(in crate::places) address: Option<String>,
    /// How many desks (bàn phát), 1 to 99.
    pub(in crate::places) desks: Option<i64>,
    /// True closes the point, which must hold no goods and belong to no open round; false opens it again.
    pub(in crate::places) closed: Option<bool>,
}

/// Registers a distribution point or a warehouse.
pub(in crate::places) async fn create(
    core: &Core,
    permit: &Permit<ManagePlaces>,
    create: CreateBody<NewPointBody>,
) -> Result<Answer> {
    let CreateBody { body, once } = create;
    let mut fields = Validation::new();
    let name = fields.take("name", parse_name(&body.name));
    let desks = fields.take("desks", parse_desks(body.desks.unwrap_or(1)));
    let address = fields.take("address", parse_address(body.address.as_deref().unwrap_or("")));
    fields.finish()?;
    require_point_place(permit, body.area_id)?;
    let mut tx = match once.begin(core, permit.id.0).await? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::New(tx) => tx,
    };
    require_area(&mut tx, "area_id", body.area_id).await?;
    let point = NewPoint {
        name: name.unwrap_or_default(),
        kind: body.kind,
        area_id: body.area_id,
        address: address.unwrap_or_default(),
        desks: desks.unwrap_or(1),
    };
    let point = store::insert_point(&mut tx, &core.clock, point).await?;
    audit::append(&mut tx, &core.clock, permit.actor(), Act::on("create", "point", point.id.0)).await?;
    let answer = once.finish(core, tx, permit.id.0, StatusCode::CREATED, &point).await?;
    forget_believed();
    Ok(answer)
}

/// Changes, closes or reopens a point.
pub(in crate::places) async fn change(
    core: &Core,
    permit: &Permit<ManagePlaces>,
    id: PointId,
    change: PointChange,
) -> Result<Point> {
    let mut fields = Validation::new();
    let name = fields.take_optional("name", change.name, |name| parse_name(&name));
    let desks = fields.take_optional("desks", change.desks, parse_desks);
    let address = fields.take_optional("address", change.address, |address| parse_address(&address));
    fields.finish()?;
    let mut tx = core.db.begin().await?;
    let before = store::lock_point(&mut tx, id).await?.ok_or(Error::NotFound)?;
    permit.require_point(id)?;
    if let Some(area_id) = change.area_id.filter(|area_id| *area_id != before.area_id) {
        // Who names points alone reaches no area of their own: taking a point away from its area is not for them.
        if AreaScope::of(permit).is_all() {
            permit.require_unconfined()?;
        }
        AreaScope::of(permit).require(area_id)?;
        require_area(&mut tx, "area_id", area_id).await?;
    }
    let closed_at = match change.closed {
        Some(true) if before.closed_at.is_none() => {
            require_unused(&mut tx, id).await?;
            Some(core.clock.now())
        }
        Some(false) => None,
        _ => before.closed_at,
    };
    let state = PointState {
        name: name.unwrap_or(before.name),
        area_id: change.area_id.unwrap_or(before.area_id),
        address: address.unwrap_or(before.address),
        desks: desks.unwrap_or(before.desks),
        closed_at,
    };
    store::update_point(&mut tx, id, state).await?;
    audit::append(&mut tx, &core.clock, permit.actor(), Act::on("update", "point", id.0)).await?;
    let point = store::point(&mut tx, id).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    forget_believed();
    core.changed();
    Ok(point)
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

fn parse_desks(desks: i64) -> std::result::Result<i64, Invalid> {
    if (1..=99).contains(&desks) {
        Ok(desks)
    } else {
        Err(Invalid::fixed("out_of_range", "Số bàn phát từ 1 đến 99.", "A point has 1 to 99 desks."))
    }
}

fn parse_address(text: &str) -> std::result::Result<String, Invalid> {
    let address = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if address.chars().count() <= 300 {
        Ok(address)
    } else {
        Err(Invalid::fixed("out_of_range", "Địa chỉ dài nhất 300 ký tự.", "An address has 300 characters at most."))
    }
}
