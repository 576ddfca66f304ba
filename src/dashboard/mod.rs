//! The live overview: what is in stock, what is being handed out, and whether it suffices. Reads only.
//!
//! Promises: one look at the database serves every viewer, however many there are; a viewer sees the state within a
//! second of a change in this process, and within seconds of one in another process on the same database; a login
//! that is confined to points or to an area sees only its own.

pub mod api;
pub mod figures;
pub mod live;
pub mod pages;
pub mod store;

use serde::Serialize;

pub use crate::goods::stock::Enough;

use crate::goods::scope::Scope;
use crate::goods::{ItemId, PackageId};
use crate::kernel::{Moment, Quantity};
use crate::places::PointId;
use crate::vouchers::RoundId;

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
    pub state: RoundState,
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

/// What a round is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoundState {
    /// Its time has not come.
    Ahead,
    /// It hands out.
    Running,
    /// It was paused.
    Paused,
    /// Its time is over, and nobody closed it yet.
    Over,
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
}

/// The state of the ward's market at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// When it was looked at.
    pub at: Moment,
    /// What is in stock.
    pub stock: StockEvent,
    /// What is being handed out.
    pub redemption: RedemptionEvent,
    /// Open conflicts by point, for viewers who are confined.
    pub conflicts: Vec<(Option<PointId>, i64)>,
}

impl Figures {
    /// The part of it that a scope sees.
    #[must_use]
    pub fn within(&self, scope: &Scope) -> Self {
        if scope.is_everything() {
            return self.clone();
        }
        let sees = |id: Option<PointId>| id.is_some_and(|id| scope.sees(id));
        let mut part = self.clone();
        part.stock.items.retain(|row| scope.sees(row.point_id));
        part.stock.packages.retain(|row| scope.sees(row.point_id));
        part.redemption.rounds.retain(|row| sees(row.point_id));
        part.conflicts.retain(|(point_id, _)| sees(*point_id));
        part.redemption.open_conflicts = part.conflicts.iter().map(|(_, count)| count).sum();
        part
    }
}
