//! Issuing to many households at once: who may have one, where and when.
//!
//! The round's row is locked for as long as an issuing lasts, so that two of them see each other's vouchers: together
//! they give each household one, and no slot more than it holds. The unique index stands behind that.

use std::collections::{HashMap, HashSet};

use super::round::Round;
use super::rules::{self, AreaTree, Candidate, Place};
use super::signing;
use super::slots::FreeSlots;
use super::store::issuing as store;
use super::store::issuing::{HouseholdRow, RoundPoint, StockRow};
use crate::db::{Conn, Tx};
use crate::http::{Core, Error, Result};
use crate::kernel::ids::{AreaId, HouseholdId, PointId};
use crate::kernel::{Message, Moment, Within};
use crate::vouchers::issuing_plan::{Issued, Plan, PointCount, Request, SkipReason, Skipped, Warning, count_by_point};

/// Decides for everyone who is meant, and stores nothing.
pub async fn plan(conn: &mut Conn, core: &Core, round: &Round, request: &Request) -> Result<Plan> {
    let points = store::points(conn, round.id).await?;
    let mut places = places(conn, round, &points, request, core.clock.now()).await?;
    let room = places.iter().map(|place| place.slots.as_ref().map(FreeSlots::left)).collect();
    let (mut candidates, mut skipped) = choose(conn, core, round, request).await?;
    let tree = AreaTree::new(store::areas(conn).await?);
    rules::sort_neighbours(&tree, &mut candidates);
    let (mut seats, left_out) = rules::seat(&tree, &mut places, &candidates);
    seats.sort_by(rules::by_place_and_slot);
    skipped.extend(left_out.into_iter().map(|id| Skipped { household_id: id, reason: SkipReason::NoSlotLeft }));
    let stock = store::stock(conn, round.id, round.package_id, core.clock.today()).await?;
    let warnings = warnings(round, &stock, &count_by_point(&places, &seats), request.units, core.clock.now());
    Ok(Plan { points, places, seats, room, stock, skipped, warnings })
}

/// Issues in the caller's transaction; `round` was locked in it.
pub async fn issue(tx: &mut Tx, core: &Core, round: &Round, request: Request) -> Result<Issued> {
    let plan = plan(tx, core, round, &request).await?;
    let by_point = plan.by_point();
    let Plan { points, places, seats, skipped, warnings, .. } = plan;
    let issued = signing::sign_and_store(tx, core, round, &request, &points, &places, seats).await?;
    Ok(Issued { issued, skipped, by_point, warnings })
}

/// The places that may give out, with what they hold already.
async fn places(
    conn: &mut Conn,
    round: &Round,
    points: &[RoundPoint],
    request: &Request,
    now: Moment,
) -> Result<Vec<Place>> {
    let own = |id: PointId| request.own_points.holds(id);
    let chosen: Vec<&RoundPoint> = match request.point_id {
        None => points.iter().filter(|point| own(point.point_id)).collect(),
        Some(id) if round.any_point => return Err(point_not_asked(id)),
        Some(id) => {
            let point = points.iter().find(|point| point.point_id == id).ok_or_else(|| not_in_round(id))?;
            if own(id) { vec![point] } else { return Err(Error::Forbidden) }
        }
    };
    if chosen.is_empty() || (round.any_point && chosen.len() < points.len()) {
        return Err(Error::Forbidden);
    }
    let taken = store::taken(conn, round.id).await?;
    let slots = round.slots();
    let place = |point: Option<&RoundPoint>, times: usize| {
        let point_id = point.map(|point| point.point_id);
        let here = || taken.iter().filter(|(at, _, _)| *at == point_id);
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        let held: HashMap<Moment, u64> = here().filter_map(|(_, slot, n)| Some(((*slot)?, count(*n)))).collect();
        Place {
            point_id,
            area_id: point.map(|point| point.area_id),
            load: here().map(|(_, _, n)| count(*n)).sum(),
            slots: slots.as_ref().map(|(all, capacity)| FreeSlots::new(all, capacity * times as u64, &held, now)),
        }
    };
    if round.any_point {
        return Ok(vec![place(None, points.len())]);
    }
    Ok(chosen.into_iter().map(|point| place(Some(point), 1)).collect())
}

fn point_not_asked(_: PointId) -> Error {
    Error::field(
        "point_id",
        "any_point",
        Message::fixed(
            "Phiếu của đợt này dùng được ở mọi điểm. Hãy bỏ trống point_id.",
            "Vouchers of this round count at each of its points. Leave point_id out.",
        ),
    )
}

fn not_in_round(_: PointId) -> Error {
    Error::field(
        "point_id",
        "not_in_round",
        Message::fixed(
            "Điểm này không thuộc đợt phát. Hãy chọn một điểm của đợt.",
            "This point does not belong to the round. Choose one that does.",
        ),
    )
}

/// Who may have a voucher, and who not for which reason.
async fn choose(
    conn: &mut Conn,
    core: &Core,
    round: &Round,
    request: &Request,
) -> Result<(Vec<Candidate>, Vec<Skipped>)> {
    let mut candidates = store::candidates(conn, &request.chosen).await?;
    let mut skipped = Vec::new();
    if let Some(asked) = &request.chosen.households {
        skipped.extend(explain_missing(conn, asked, &candidates, &request.scope).await?);
    }
    let holders: HashSet<HouseholdId> = store::holders(conn, round.id).await?.into_iter().map(|(id,)| id).collect();
    let too_soon = too_soon(conn, core, round).await?;
    candidates.retain(|candidate| {
        let household_id = candidate.household_id;
        let reason = if holders.contains(&household_id) {
            SkipReason::AlreadyHasVoucher
        } else if too_soon.contains(&household_id) {
            SkipReason::TooSoon
        } else {
            return true;
        };
        skipped.push(Skipped { household_id, reason });
        false
    });
    Ok((candidates, skipped))
}

/// Why households that were named are not among the candidates.
async fn explain_missing(
    conn: &mut Conn,
    asked: &[HouseholdRow],
    candidates: &[Candidate],
    scope: &Within<AreaId>,
) -> Result<Vec<Skipped>> {
    let found: HashSet<HouseholdId> = candidates.iter().map(|candidate| candidate.household_id).collect();
    let missing: Vec<HouseholdRow> = asked.iter().filter(|row| !found.contains(&row.id)).copied().collect();
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let standing: HashMap<HouseholdId, (String, AreaId)> =
        store::standing(conn, &missing).await?.into_iter().map(|(id, status, area)| (id, (status, area))).collect();
    let reason = |id: HouseholdId| match standing.get(&id) {
        None => SkipReason::UnknownHousehold,
        Some((_, area)) if !scope.holds(*area) => SkipReason::UnknownHousehold,
        Some((status, _)) if status != "active" => SkipReason::HouseholdInactive,
        Some(_) => SkipReason::NotSelected,
    };
    Ok(missing.iter().map(|row| Skipped { household_id: row.id, reason: reason(row.id) }).collect())
}

/// Households whose interval in the campaign would be broken by this round.
async fn too_soon(conn: &mut Conn, core: &Core, round: &Round) -> Result<HashSet<HouseholdId>> {
    let campaign = super::store::rounds::campaign(conn, round.campaign_id).await?;
    let days = campaign.and_then(|(_, _, interval)| interval).and_then(|days| i32::try_from(days).ok()).unwrap_or(0);
    if days == 0 {
        return Ok(HashSet::new());
    }
    // Received on day d with an interval of 14: the next time is day d + 14 at the earliest.
    let (first, last) = round.days();
    let since = first.plus_days(1 - days).start();
    let mut found: HashSet<HouseholdId> =
        store::received_since(conn, round.campaign_id, since).await?.into_iter().map(|(id,)| id).collect();
    let around = (first.plus_days(1 - days), last.plus_days(days - 1));
    let promised = store::promised_between(conn, round.campaign_id, round.id, around, core.clock.today()).await?;
    found.extend(promised.into_iter().map(|(id,)| id));
    Ok(found)
}

fn warnings(round: &Round, stock: &[StockRow], counts: &[PointCount], units: u8, now: Moment) -> Vec<Warning> {
    let mut found = Vec::new();
    if round.ends_at <= now {
        found.push(Warning { code: "round_over", point_id: None, item_id: None, promised: None, on_hand: None });
    }
    let short = |point_id, item_id, promised: i64, on_hand: i64| Warning {
        code: "stock_short",
        point_id,
        item_id: Some(item_id),
        promised: Some(promised),
        on_hand: Some(on_hand),
    };
    let needed = |count: u64, per_unit: i64| {
        i64::try_from(count).unwrap_or(i64::MAX).saturating_mul(i64::from(units)).saturating_mul(per_unit)
    };
    for count in counts.iter().filter(|count| count.issued > 0) {
        let here = stock.iter().filter(|row| count.point_id.is_none_or(|id| id == row.point_id));
        let mut items: HashMap<uuid::Uuid, (i64, i64, i64)> = HashMap::new();
        for row in here {
            let sums = items.entry(row.item_id).or_insert((row.per_unit, 0, 0));
            *sums = (row.per_unit, sums.1.saturating_add(row.promised), sums.2.saturating_add(row.on_hand));
        }
        let mut items: Vec<_> = items.into_iter().collect();
        items.sort_unstable();
        for (item_id, (per_unit, promised, on_hand)) in items {
            let promised = promised.saturating_add(needed(count.issued, per_unit));
            if promised > on_hand {
                found.push(short(count.point_id, item_id, promised, on_hand));
            }
        }
    }
    found
}
