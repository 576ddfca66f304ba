//! One look at the database, in a number of statements that does not depend on who watches.

use std::collections::{BTreeMap, HashMap};

use super::forecast::{Outflow, foresee};
use super::overview::{
    Figures, MINUTES, PackageRow, PhoneRow, PhonesEvent, RedemptionEvent, RefusalRow, RoundRow, StockEvent, StockRow,
};
use super::store::{self, MINUTE_MICROS, ShownRound};
use crate::db::Conn;
use crate::inventory::level::{StockFilter, StockLevel};
use crate::inventory::store::catalogue::packages_by_id;
use crate::inventory::store::sums::fit_on;
use crate::inventory::{Package, level, suggest};
use crate::kernel::ids::{ItemId, PackageId, PointId, RoundId};
use crate::kernel::{Clock, Moment, Within};
use crate::people::presence::is_heard;
use crate::redemption;
use crate::redemption::Outcome;
use crate::vouchers::round::Stage;

/// How long a round is shown after its end, in seconds.
const SHOWN_AFTER_SECS: i64 = 12 * 3600;
/// A phone that nobody heard of for so long, in seconds, is looked for: what it holds is stuck.
const UNHEARD_SECS: i64 = 30 * 60;

type Names = HashMap<PointId, (usize, String)>;

/// Looks. The connection should be a snapshot, so that the figures agree with each other.
pub async fn look(conn: &mut Conn, clock: &Clock) -> Result<Figures, sqlx::Error> {
    let now = clock.now();
    let ends_after = now.plus_secs(-SHOWN_AFTER_SECS);
    let names: Names = store::point_names(conn)
        .await?
        .into_iter()
        .enumerate()
        .map(|(place, (id, name))| (id, (place, name)))
        .collect();
    let rounds = store::rounds(conn, ends_after).await?;
    let levels = level::levels(conn, StockFilter::default(), &Within::All).await?.items;
    let issued = store::issued(conn, ends_after).await?;
    let kinds = kinds(conn, &rounds).await?;
    let open_ended = issued.iter().any(|row| row.point_id.is_none() && row.waiting > 0);
    let packages = packages(conn, clock, &rounds, &issued, &kinds).await?;
    let flow = flow(conn, now, &rounds, issued, &names).await?;
    let refusals = store::refusals(conn, ends_after).await?;
    let phones = phones(conn, now, ends_after, &names).await?;
    let conflicts = store::open_conflicts(conn).await?;
    let mending = suggest::for_stock(conn, &Within::All, &levels).await?;
    let mut items: Vec<StockRow> = levels.into_iter().map(|row| stock_row(row, &names)).collect();
    items.sort_by_cached_key(|row| (place(&names, row.point_id), row.item.clone()));
    foresee(&mut items, &outflow(&flow, &rounds, &kinds), open_ended, &mending);
    let open_conflicts = conflicts.iter().map(|(_, count)| count).sum();
    Ok(Figures {
        at: now,
        stock: StockEvent { items, packages },
        redemption: RedemptionEvent { rounds: flow, open_conflicts, refusals: refused(refusals) },
        phones: PhonesEvent { phones },
        conflicts,
    })
}

fn place(names: &Names, id: PointId) -> usize {
    names.get(&id).map_or(usize::MAX, |(place, _)| *place)
}

fn stock_row(row: StockLevel, names: &Names) -> StockRow {
    StockRow {
        point: names.get(&row.point_id).map(|(_, name)| name.clone()).unwrap_or_default(),
        point_id: row.point_id,
        item_id: row.item_id,
        state: row.state(),
        item: row.name,
        unit: row.unit,
        decimals: row.decimals,
        on_hand: row.on_hand,
        promised: row.promised,
        available: row.available,
        low: row.low,
        empty_in_minutes: None,
        fix: None,
    }
}

fn refused(rows: Vec<(PointId, Outcome, i64)>) -> Vec<RefusalRow> {
    rows.into_iter().map(|(point_id, outcome, count)| RefusalRow { point_id, outcome, count }).collect()
}

/// The phones on duty, and all that hold vouchers.
async fn phones(conn: &mut Conn, now: Moment, since: Moment, names: &Names) -> Result<Vec<PhoneRow>, sqlx::Error> {
    let served = store::phone_points(conn).await?;
    let row = |phone: store::Phone| {
        let own = served.iter().filter(|(device_id, _)| *device_id == phone.id);
        let point_ids: Vec<PointId> = own.map(|(_, point_id)| *point_id).collect();
        let points: Vec<&str> =
            point_ids.iter().filter_map(|id| names.get(id)).map(|(_, name)| name.as_str()).collect();
        PhoneRow {
            device_id: phone.id,
            name: phone.name,
            points: points.join(", "),
            online: phone.revoked_at.is_none() && is_heard(phone.last_seen_at, now),
            revoked: phone.revoked_at.is_some(),
            stuck: phone.held > 0 && (phone.revoked_at.is_some() || now.secs_since(phone.last_seen_at) >= UNHEARD_SECS),
            last_seen_at: phone.last_seen_at,
            held: phone.held,
            missing: phone.missing,
            point_ids,
        }
    };
    Ok(store::phones(conn, since).await?.into_iter().map(row).collect())
}

/// The packages of the shown rounds.
async fn kinds(conn: &mut Conn, rounds: &[ShownRound]) -> Result<Vec<Package>, sqlx::Error> {
    let mut ids: Vec<PackageId> = rounds.iter().map(|round| round.package_id).collect();
    ids.sort_unstable();
    ids.dedup();
    packages_by_id(conn, &ids).await
}

/// What the packages that were handed out in the last minutes took from each point.
fn outflow(flow: &[RoundRow], rounds: &[ShownRound], kinds: &[Package]) -> Outflow {
    let mut outflow = Outflow::new();
    for row in flow {
        let units: i64 = row.per_minute.iter().sum();
        let round = rounds.iter().find(|round| round.id == row.round_id);
        let kind = round.and_then(|round| kinds.iter().find(|kind| kind.id == round.package_id));
        let (Some(point_id), Some(kind)) = (row.point_id.filter(|_| units > 0), kind) else { continue };
        for item in &kind.items {
            *outflow.entry((point_id, item.item_id)).or_default() += units * item.quantity.0;
        }
    }
    outflow
}

/// Packages still possible at the points where vouchers wait.
async fn packages(
    conn: &mut Conn,
    clock: &Clock,
    rounds: &[ShownRound],
    issued: &[store::Issued],
    kinds: &[Package],
) -> Result<Vec<PackageRow>, sqlx::Error> {
    let mut needed: BTreeMap<(PointId, PackageId), i64> = BTreeMap::new();
    for row in issued {
        let round = rounds.iter().find(|round| round.id == row.round_id);
        if let (Some(point_id), Some(round)) = (row.point_id, round) {
            *needed.entry((point_id, round.package_id)).or_default() += row.waiting;
        }
    }
    let fit: HashMap<(PointId, ItemId), i64> = fit_on(conn, &Within::All, None, clock.today())
        .await?
        .into_iter()
        .filter_map(|row| Some(((row.point_id?, row.item_id), row.quantity.0)))
        .collect();
    let rows = needed.into_iter().filter_map(|((point_id, package_id), needed)| {
        let package = kinds.iter().find(|package| package.id == package_id)?;
        let makes = package
            .items
            .iter()
            .map(|item| fit.get(&(point_id, item.item_id)).copied().unwrap_or(0).max(0) / item.quantity.0.max(1));
        let possible = makes.min().unwrap_or(0);
        Some(PackageRow { point_id, package_id, package: package.name.clone(), possible, needed })
    });
    Ok(rows.collect())
}

/// What every round does at every point.
async fn flow(
    conn: &mut Conn,
    now: Moment,
    rounds: &[ShownRound],
    issued: Vec<store::Issued>,
    names: &Names,
) -> Result<Vec<RoundRow>, sqlx::Error> {
    let mut rows: HashMap<(RoundId, Option<PointId>), RoundRow> = HashMap::new();
    let blank = |round: &ShownRound, point_id: Option<PointId>| RoundRow {
        round_id: round.id,
        round: round.name.clone(),
        state: Stage::of(round.status, round.starts_at, round.ends_at, now),
        point_id,
        point: point_id.and_then(|id| names.get(&id)).map(|(_, name)| name.clone()),
        vouchers: 0,
        served: 0,
        handed_out: 0,
        refused: 0,
        per_minute: [0; MINUTES],
    };
    let shown = |id: RoundId| rounds.iter().find(|round| round.id == id);
    for row in issued {
        let Some(round) = shown(row.round_id) else { continue };
        let entry = rows.entry((round.id, row.point_id)).or_insert_with(|| blank(round, row.point_id));
        (entry.vouchers, entry.served) = (row.vouchers, row.served);
    }
    // Per package too: a round has one, but its number may have changed hands on paper.
    for count in redemption::history::store::counts(conn, &Within::All, None).await? {
        let Some(round) = shown(RoundId(count.round_id)) else { continue };
        let point_id = Some(count.point_id);
        let entry = rows.entry((round.id, point_id)).or_insert_with(|| blank(round, point_id));
        entry.handed_out += count.handed_out;
        entry.refused += count.refused;
    }
    let minute = now.micros() / MINUTE_MICROS;
    let first = minute - i64::try_from(MINUTES).unwrap_or(0) + 1;
    for (round_id, point_id, at, units) in store::minutes(conn, Moment::from_micros(first * MINUTE_MICROS)).await? {
        let entry = rows.get_mut(&(round_id, Some(point_id)));
        let slot = usize::try_from(at - first).ok();
        if let Some(slot) = entry.zip(slot).and_then(|(row, slot)| row.per_minute.get_mut(slot)) {
            *slot += units;
        }
    }
    let mut rows: Vec<RoundRow> = rows.into_values().collect();
    let order = |id: RoundId| rounds.iter().position(|round| round.id == id);
    rows.sort_by_key(|row| (order(row.round_id), row.point_id.map_or(usize::MAX, |id| place(names, id))));
    Ok(rows)
}
