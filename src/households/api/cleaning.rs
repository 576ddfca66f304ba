//! Keeping the registry clean: possible duplicates, merging, erasure.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::AreaScope;
use super::super::duplicates::{Reason, Traits, reasons};
use super::super::store::pairs::{self, Pair};
use super::super::store::{self, changes};
use super::records::{in_scope, require_active};
use super::{Household, shown};
use crate::db::{Conn, ErrorKind, classify};
use crate::http::{Body, Core, Error, Id, Listing, Page, Params, Problems, Result};
use crate::kernel::ids::HouseholdId;
use crate::kernel::{Message, Validation};
use crate::people::audit::{self, Act};
use crate::people::{Right, Staff};

/// Batches of households that one request compares at most; a page may so be short and still have a next.
const MAX_BATCHES: usize = 20;
/// Possible duplicates shown of one household.
const MAX_OTHERS: usize = 20;

/// A household with those that might be the same.
#[derive(Serialize, utoipa::ToSchema)]
pub(in crate::households) struct Suspicion {
    /// The household registered first.
    pub(in crate::households) household: Household,
    /// Later ones that might be the same, 20 at most.
    pub(in crate::households) others: Vec<Suspect>,
}

/// A household that might be the same.
#[derive(Serialize, utoipa::ToSchema)]
pub(in crate::households) struct Suspect {
    /// The household.
    pub(in crate::households) household: Household,
    /// Why.
    pub(in crate::households) reasons: Vec<Reason>,
}

/// A household, and those that might be the same with the reasons.
pub(in crate::households) type Found = (HouseholdId, Vec<(HouseholdId, Vec<Reason>)>);

/// Households that might be registered twice
#[utoipa::path(get, path = "/households/duplicates", tag = "households", params(Page),
    responses((status = 200, description = "A page of suspicions", body = Listing<Suspicion>), Problems))]
pub(in crate::households) async fn possible_duplicates(
    State(core): State<Core>,
    staff: Staff,
    Params(page): Params<Page>,
) -> Result<Json<Listing<Suspicion>>> {
    staff.require(Right::ReadHouseholds)?;
    let cursor = page.cursor()?;
    let wanted = usize::try_from(cursor.fetch - 1).unwrap_or(0);
    let mut conn = core.db.read().await?;
    let scope = AreaScope::of(&staff);
    let (found, next) = suspicions(&mut conn, &scope, cursor.after, wanted).await?;
    let ids: Vec<HouseholdId> =
        found.iter().flat_map(|(id, others)| std::iter::once(*id).chain(others.iter().map(|(id, _)| *id))).collect();
    let stored = pairs::some(&mut conn, &ids).await?;
    drop(conn);
    let known: std::collections::HashMap<HouseholdId, Household> =
        shown(&core, &staff, stored).await?.into_iter().map(|household| (household.id, household)).collect();
    let items = found
        .into_iter()
        .filter_map(|(id, others)| {
            let suspect = |(id, reasons)| Some(Suspect { household: known.get(&id)?.clone(), reasons });
            let others = others.into_iter().filter_map(suspect).collect();
            Some(Suspicion { household: known.get(&id)?.clone(), others })
        })
        .collect();
    Ok(Json(Listing { items, next: next.map(|id| id.to_string()) }))
}

/// The next suspicions after a household, and where to go on.
pub(in crate::households) async fn suspicions(
    conn: &mut Conn,
    scope: &AreaScope,
    mut after: uuid::Uuid,
    wanted: usize,
) -> Result<(Vec<Found>, Option<uuid::Uuid>)> {
    let mut found: Vec<Found> = Vec::new();
    for _ in 0..MAX_BATCHES {
        let end = pairs::batch_end(conn, scope, after).await?;
        for pair in pairs::candidates(conn, scope, after).await? {
            let why = reasons(first(&pair), second(&pair));
            if why.is_empty() {
                continue;
            }
            if let Some((_, others)) = found.last_mut().filter(|(id, _)| *id == pair.a_id) {
                if others.len() < MAX_OTHERS {
                    others.push((pair.b_id, why));
                }
                continue;
            }
            if found.len() == wanted {
                let last = found.last().map(|(id, _)| id.0);
                return Ok((found, last));
            }
            found.push((pair.a_id, vec![(pair.b_id, why)]));
        }
        match end {
            Some(end) => after = end,
            None => return Ok((found, None)),
        }
    }
    Ok((found, Some(after)))
}

fn first(pair: &Pair) -> Traits<'_> {
    Traits {
        name_key: &pair.a_name,
        address_key: &pair.a_address,
        phone_index: pair.a_phone.as_deref(),
        birth_year: pair.a_year,
    }
}

fn second(pair: &Pair) -> Traits<'_> {
    Traits {
        name_key: &pair.b_name,
        address_key: &pair.b_address,
        phone_index: pair.b_phone.as_deref(),
        birth_year: pair.b_year,
    }
}

/// Two households that are not the same.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"first_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90",
    "second_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a91"}))]
pub(in crate::households) struct DistinctBody {
    /// One.
    pub(in crate::households) first_id: HouseholdId,
    /// The other.
    pub(in crate::households) second_id: HouseholdId,
}

/// That a decision is kept.
#[derive(Serialize, utoipa::ToSchema)]
pub(in crate::households) struct Kept {
    /// Always true.
    kept: bool,
}

/// Remember that two households are not the same
#[utoipa::path(post, path = "/households/duplicates/distinct", tag = "households", request_body = DistinctBody,
    responses((status = 200, description = "Remembered; the pair is not shown again", body = Kept), Problems))]
pub(in crate::households) async fn tell_apart(
    State(core): State<Core>,
    staff: Staff,
    Body(body): Body<DistinctBody>,
) -> Result<Json<Kept>> {
    staff.require(Right::WriteHouseholds)?;
    let (first, second) = (body.first_id.min(body.second_id), body.first_id.max(body.second_id));
    if first == second {
        return Err(same_household("second_id"));
    }
    let mut tx = core.db.begin().await?;
    let scope = AreaScope::of(&staff);
    for (field, id) in [("first_id", body.first_id), ("second_id", body.second_id)] {
        in_scope(store::household(&mut tx, id).await?, &scope).map_err(|_| unknown_household(field))?;
    }
    pairs::tell_apart(&mut tx, &core.clock, Some(staff.id.0), first, second).await?;
    let act = Act::on("tell_apart", "household", first.0).with(json!({ "other_id": second }));
    audit::append(&mut tx, &core.clock, staff.actor(), act).await?;
    tx.commit().await?;
    Ok(Json(Kept { kept: true }))
}

fn same_household(field: &str) -> Error {
    Error::field(field, "same", Message::fixed("Chọn hai hộ khác nhau.", "Choose two different households."))
}

fn unknown_household(field: &str) -> Error {
    Error::field(
        field,
        "unknown",
        Message::fixed(
            "Không có hộ này. Tìm trong danh sách hộ rồi chọn lại.",
            "There is no such household. Find it in the list and choose again.",
        ),
    )
}

/// Where a household goes.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"into_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "reason": "Đăng ký hai lần, vợ và chồng"}))]
pub(in crate::households) struct MergeBody {
    /// The household that stays.
    pub(in crate::households) into_id: HouseholdId,
    /// Why, 3 to 300 characters.
    pub(in crate::households) reason: String,
}

/// Merge a household into another
///
/// The one that stays keeps its details and gets what it lacks of the other's; vouchers and history go with it.
#[utoipa::path(post, path = "/households/{id}/merge", tag = "households", params(("id" = HouseholdId, Path)),
    request_body = MergeBody,
    responses((status = 200, description = "The household that stays", body = Household), Problems))]
pub(in crate::households) async fn merge(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<HouseholdId>,
    Body(body): Body<MergeBody>,
) -> Result<Json<Household>> {
    staff.require(Right::WriteHouseholds)?;
    let into = body.into_id;
    if into == id {
        return Err(same_household("into_id"));
    }
    let mut fields = Validation::new();
    let reason = fields.take("reason", audit::parse_reason(&body.reason));
    fields.finish()?;
    let mut tx = core.db.begin().await?;
    let scope = AreaScope::of(&staff);
    for locked in [id.min(into), id.max(into)] {
        let stored = in_scope(store::lock(&mut tx, locked).await?, &scope);
        let stored = if locked == into { stored.map_err(|_| unknown_household("into_id"))? } else { stored? };
        require_active(&stored)?;
    }
    if changes::shared_rounds(&mut tx, id, into).await? > 0 {
        return Err(Error::conflict(
            "both_hold_vouchers",
            "Hai hộ đều có phiếu trong cùng một đợt phát. Hủy phiếu chưa dùng của một hộ rồi gộp lại.",
            "Both hold a voucher of the same round. Void the unused one of them, then merge.",
        ));
    }
    changes::merge(&mut tx, &core.clock, id, into, reason.unwrap_or_default()).await?;
    changes::inherit(&mut tx, &core.clock, into, id).await.map_err(taken_meanwhile)?;
    let act = Act::on("merge", "household", id.0).with(json!({ "into_id": into }));
    audit::append(&mut tx, &core.clock, staff.actor(), act).await?;
    let stored = store::household(&mut tx, into).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    core.changed();
    shown(&core, &staff, vec![stored]).await?.pop().map(Json).ok_or(Error::NotFound)
}

fn taken_meanwhile(error: sqlx::Error) -> Error {
    if classify(&error) == ErrorKind::Unique {
        return Error::conflict(
            "registry_changed",
            "Danh sách hộ vừa được người khác sửa. Hãy thử lại.",
            "Someone changed the registry just now. Try again.",
        );
    }
    error.into()
}

/// Erase a household's personal data
///
/// Name, phone, id number, address, note and consent are gone for good, also those of households merged into it; an
/// anonymous shell keeps area, members and category for the totals.
#[utoipa::path(post, path = "/households/{id}/erase", tag = "households", params(("id" = HouseholdId, Path)),
    responses((status = 200, description = "The anonymous shell", body = Household), Problems))]
pub(in crate::households) async fn erase(
    State(core): State<Core>,
    staff: Staff,
    Id(id): Id<HouseholdId>,
) -> Result<Json<Household>> {
    staff.require(Right::WriteHouseholds)?;
    let mut tx = core.db.begin().await?;
    let scope = AreaScope::of(&staff);
    let stored = in_scope(store::lock(&mut tx, id).await?, &scope)?;
    require_active(&stored)?;
    changes::erase(&mut tx, &core.clock, id).await?;
    audit::append(&mut tx, &core.clock, staff.actor(), Act::on("erase", "household", id.0)).await?;
    let stored = store::household(&mut tx, id).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    core.changed();
    shown(&core, &staff, vec![stored]).await?.pop().map(Json).ok_or(Error::NotFound)
}
