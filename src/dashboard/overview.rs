//! What the overview shows.

use std::collections::HashMap;

use serde::Serialize;

use crate::inventory::Enough;
use crate::kernel::ids::{DeviceId, ItemId, PackageId, PointId, RoundId};
use crate::kernel::{Moment, Quantity, Within};
use crate::redemption::Outcome;
use crate::vouchers::round::Stage;

/// Minutes that the flow at a point is told for.
pub const MINUTES: usize = 10;

/// One item at one point. Quantities are in the item's smallest unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StockRow {
    /// Where.
    pub point_id: PointId,
    /// The point's name.
    pub point: String,
    /// The item.
    pub item_id: ItemId,
    /// The item's name.
    pub item: String,
    /// Its unit.
    pub unit: String,
    /// Digits after the comma of the quantities.
    pub decimals: i64,
    /// What is there.
    pub on_hand: Quantity,
    /// What vouchers still promise.
    pub promised: Quantity,
    /// On hand less promised.
    pub available: Quantity,
    /// Whether it is at or below the level that somebody set.
    pub low: bool,
    /// All of that in one word.
    pub state: Enough,
    /// Minutes until it is empty at the rate of the last ten minutes, when vouchers ask for more than there is.
    pub empty_in_minutes: Option<i64>,
    /// The transfer that would help, where something is missing and another point has it to spare.
    pub fix: Option<Fix>,
}

/// How many packages of one kind a point's stock still makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PackageRow {
    /// Where.
    pub point_id: PointId,
    /// The package.
    pub package_id: PackageId,
    /// Its name.
    pub package: String,
    /// Packages that the goods fit for use today make.
    pub possible: i64,
    /// Packages that vouchers of this point still wait for.
    pub needed: i64,
}

/// The flow of one round at one point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RoundRow {
    /// The round.
    pub round_id: RoundId,
    /// Its name.
    pub round: String,
    /// Whether it is handing out at this moment.
    #[schema(value_type = RoundState)]
    pub state: Stage,
    /// Where; nothing: vouchers that count at any of its points.
    pub point_id: Option<PointId>,
    /// The point's name.
    pub point: Option<String>,
    /// Vouchers issued and not void.
    pub vouchers: i64,
    /// Of these, vouchers that received something.
    pub served: i64,
    /// Units handed out, what was undone not counted.
    pub handed_out: i64,
    /// Scans that were refused.
    pub refused: i64,
    /// Units handed out in each of the last ten minutes, the running one last.
    pub per_minute: [i64; MINUTES],
}

/// The `stock` event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StockEvent {
    /// One row per point and item.
    pub items: Vec<StockRow>,
    /// One row per point and package of a round that is not over.
    pub packages: Vec<PackageRow>,
}

/// The `redemption` event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RedemptionEvent {
    /// One row per round and point.
    pub rounds: Vec<RoundRow>,
    /// Conflicts that nobody settled yet.
    pub open_conflicts: i64,
    /// What was refused in the last half day, by point and reason.
    pub refusals: Vec<RefusalRow>,
}

/// A phone on duty: enrolled, and heard of within half a day and not revoked, or holding vouchers that are still to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PhoneRow {
    /// Which.
    pub device_id: DeviceId,
    /// Its name.
    pub name: String,
    /// The points it serves.
    pub points: String,
    /// Whether it was heard of within three minutes.
    pub online: bool,
    /// Whether it was revoked: what it holds is nobody's to hand out until it is released.
    pub revoked: bool,
    /// Whether what it holds is stuck: it was revoked, or not heard of for half an hour.
    pub stuck: bool,
    /// When it was last heard of, to the minute.
    pub last_seen_at: Moment,
    /// Vouchers that it alone may hand out, offline too, and that are still to come.
    pub held: i64,
    /// Records of its queue that are known to be missing here.
    pub missing: i64,
    /// The ids of its points, for viewers who are confined.
    #[serde(skip)]
    pub point_ids: Vec<PointId>,
}

/// The `phones` event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PhonesEvent {
    /// One row per phone on duty, or with vouchers that are still to come.
    pub phones: Vec<PhoneRow>,
}

/// Scans that were refused for one reason at one point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RefusalRow {
    /// Where.
    pub point_id: PointId,
    /// The answer's outcome, such as `already_redeemed`.
    pub outcome: Outcome,
    /// How often.
    pub count: i64,
}

/// The `stock_changes` event: what is new since the last `stock` or `stock_changes`.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct StockChanges {
    /// Rows that changed or came.
    pub items: Vec<StockRow>,
    /// All rows of packages.
    pub packages: Vec<PackageRow>,
}

/// The state of the ward's market at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// When it was looked at.
    pub at: Moment,
    pub stock: StockEvent,
    /// What is being handed out.
    pub redemption: RedemptionEvent,
    /// The phones on duty.
    pub phones: PhonesEvent,
    /// Open conflicts by point, for viewers who are confined.
    pub conflicts: Vec<(Option<PointId>, i64)>,
}

impl StockEvent {
    /// What changed since an earlier state; nothing when rows went away, since a change can't tell that.
    pub fn since(&self, before: &Self) -> Option<StockChanges> {
        let key = |row: &StockRow| (row.point_id, row.item_id);
        let known: HashMap<_, &StockRow> = before.items.iter().map(|row| (key(row), row)).collect();
        let kept = self.items.iter().filter(|row| known.contains_key(&key(row))).count();
        if kept < before.items.len() {
            return None;
        }
        let changed = self.items.iter().filter(|row| known.get(&key(row)).is_none_or(|before| before != row));
        Some(StockChanges { items: changed.cloned().collect(), packages: self.packages.clone() })
    }
}

impl Figures {
    /// The part of it that is of these points.
    #[must_use]
    pub fn within(&self, points: &Within<PointId>) -> Self {
        if points.is_all() {
            return self.clone();
        }
        let sees = |id: Option<PointId>| id.is_some_and(|id| points.holds(id));
        let mut part = self.clone();
        part.stock.items.retain(|row| points.holds(row.point_id));
        for row in &mut part.stock.items {
            row.fix = row.fix.take().filter(|fix| points.holds(fix.from_point_id));
        }
        part.stock.packages.retain(|row| points.holds(row.point_id));
        part.redemption.rounds.retain(|row| sees(row.point_id));
        part.redemption.refusals.retain(|row| points.holds(row.point_id));
        part.phones.phones.retain(|row| row.point_ids.iter().any(|id| points.holds(*id)));
        part.conflicts.retain(|(point_id, _)| sees(*point_id));
        part.redemption.open_conflicts = part.conflicts.iter().map(|(_, count)| count).sum();
        part
    }
}

/// The transfer that would fix a shortage.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Fix {
    /// From where.
    pub from_point_id: PointId,
    /// That point's name.
    pub from: String,
    /// How much.
    pub quantity: Quantity,
}

/// What a round is doing.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes a `Stage` in the document: closed rounds are not shown")]
#[schema(rename_all = "snake_case")]
enum RoundState {
    /// Its time has not come.
    Ahead,
    /// It hands out.
    Running,
    /// It was paused.
    Paused,
    /// Its time is over, and nobody closed it yet.
    Over,
}
