//! What is where: on hand, promised and available, now or at any past moment; and how many packages that makes.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::store;
use crate::db::Conn;
use crate::inventory::package::{Package, PackageItem};
use crate::inventory::store::catalogue::items_by_id;
use crate::kernel::ids::{ItemId, PackageId, PointId};
use crate::kernel::vietnamese::fold;
use crate::kernel::{Clock, Message, Moment, Quantity, Within};

/// Which stock is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct StockFilter {
    /// Only at one point.
    pub point_id: Option<PointId>,
    /// Only of one item.
    pub item_id: Option<ItemId>,
    /// As it was before this moment; as it is when left out.
    pub before: Option<Moment>,
}

/// Whether there is enough of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Enough {
    /// Đủ: what is there covers what is promised.
    Enough,
    /// Sắp hết: at or below the level that somebody set.
    Low,
    /// Thiếu: more is promised than there is.
    Shortage,
    /// Hết: nothing is there.
    Out,
}

impl Enough {
    /// The name in addresses and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enough => "enough",
            Self::Low => "low",
            Self::Shortage => "short",
            Self::Out => "out",
        }
    }

    /// What screens call it.
    pub const fn say(self) -> Message {
        match self {
            Self::Enough => Message::fixed("Đủ", "Enough"),
            Self::Low => Message::fixed("Sắp hết", "Low"),
            Self::Shortage => Message::fixed("Thiếu", "Short"),
            Self::Out => Message::fixed("Hết", "Out"),
        }
    }
}

/// The stock of one item at one point. Quantities are in the item's smallest unit.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(example = json!({"point_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90",
    "item_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a91", "name": "Gạo", "unit": "kg", "decimals": 3,
    "on_hand": 500_000, "promised": 120_000, "available": 380_000, "low": false}))]
pub struct StockLevel {
    /// Where.
    pub point_id: PointId,
    /// The item.
    pub item_id: ItemId,
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// Digits after the comma of the quantities.
    pub decimals: i64,
    /// What is there; below zero only where offline phones handed out more than the books had.
    pub on_hand: Quantity,
    /// What vouchers for this point still promise: issued, not void, not yet redeemed.
    pub promised: Quantity,
    /// On hand less promised; below zero when more is promised than there is.
    pub available: Quantity,
    /// Whether `on_hand` is at or below the item's `low_stock`.
    pub low: bool,
}

impl StockLevel {
    /// Whether what is there suffices.
    pub const fn state(&self) -> Enough {
        enough(self.on_hand.0, self.promised.0, self.low)
    }
}

const fn enough(on_hand: i64, promised: i64, low: bool) -> Enough {
    if on_hand < promised {
        Enough::Shortage
    } else if on_hand <= 0 {
        Enough::Out
    } else if low {
        Enough::Low
    } else {
        Enough::Enough
    }
}

/// What vouchers promise that may be redeemed at any of several points.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PromisedAnywhere {
    /// The item.
    pub item_id: ItemId,
    /// How much, in its smallest unit.
    pub quantity: Quantity,
}

/// The stock of points.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Stock {
    /// One row per point and item: where there is, was or is promised something.
    pub items: Vec<StockLevel>,
    /// What vouchers promise that may be redeemed at any of several points; in no row's `promised`.
    pub promised_anywhere: Vec<PromisedAnywhere>,
}

/// The stock of these points.
pub async fn levels(conn: &mut Conn, filter: StockFilter, points: &Within<PointId>) -> Result<Stock, sqlx::Error> {
    let on_hand = match filter.before {
        None => store::sums::on_hand(conn, points, filter.point_id, filter.item_id).await?,
        Some(before) => store::sums::on_hand_before(conn, points, filter.point_id, filter.item_id, before).await?,
    };
    let promised = match filter.before {
        None => store::sums::promised(conn, points).await?,
        Some(before) => store::sums::promised_before(conn, points, before).await?,
    };
    let mut rows: BTreeMap<(PointId, ItemId), (i64, i64)> = BTreeMap::new();
    for row in on_hand {
        if let Some(point_id) = row.point_id {
            rows.entry((point_id, row.item_id)).or_default().0 += row.quantity.0;
        }
    }
    let mut promised_anywhere = Vec::new();
    for row in promised.into_iter().filter(|row| filter.item_id.is_none_or(|id| id == row.item_id)) {
        match row.point_id {
            None => promised_anywhere.push(PromisedAnywhere { item_id: row.item_id, quantity: row.quantity }),
            Some(point_id) if filter.point_id.is_none_or(|id| id == point_id) => {
                rows.entry((point_id, row.item_id)).or_default().1 += row.quantity.0;
            }
            Some(_) => {}
        }
    }
    let mut ids: Vec<ItemId> = rows.keys().map(|(_, item_id)| *item_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let items = items_by_id(conn, &ids).await?;
    let levels = rows.into_iter().filter_map(|((point_id, item_id), (on_hand, promised))| {
        let item = items.get(&item_id)?;
        Some(StockLevel {
            point_id,
            item_id,
            name: item.name.clone(),
            unit: item.unit.clone(),
            decimals: item.decimals,
            on_hand: Quantity(on_hand),
            promised: Quantity(promised),
            available: Quantity(on_hand - promised),
            low: item.low_stock.is_some_and(|low| on_hand <= low.0),
        })
    });
    Ok(Stock { items: levels.collect(), promised_anywhere })
}

/// The stock of one item at one point, and how much of it may still be used.
#[derive(Clone, Debug)]
pub struct FitLevel {
    pub level: StockLevel,
    /// What has not expired: what a transfer may take.
    pub fit: Quantity,
}

/// The stock of one point by the items' names, with what of it is fit for use today.
pub async fn fit_levels(
    conn: &mut Conn,
    clock: &Clock,
    point_id: PointId,
    points: &Within<PointId>,
) -> Result<Vec<FitLevel>, sqlx::Error> {
    let filter = StockFilter { point_id: Some(point_id), ..StockFilter::default() };
    let fit: HashMap<ItemId, i64> = store::sums::fit_on(conn, points, Some(point_id), clock.today())
        .await?
        .into_iter()
        .map(|row| (row.item_id, row.quantity.0))
        .collect();
    let mut rows: Vec<FitLevel> = levels(conn, filter, points)
        .await?
        .items
        .into_iter()
        .map(|level| FitLevel { fit: Quantity(fit.get(&level.item_id).copied().unwrap_or(0).max(0)), level })
        .collect();
    rows.sort_by_cached_key(|row| fold(&row.level.name));
    Ok(rows)
}

/// How many packages a point's stock still makes.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(example = json!({"point_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90",
    "package_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a92", "possible": 42, "unpromised": 12,
    "scarcest_item_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a91"}))]
pub struct Possible {
    /// Where.
    pub point_id: PointId,
    /// Which package.
    pub package_id: PackageId,
    /// Packages that the goods fit for use today make.
    pub possible: i64,
    /// The same, after everything that vouchers for this point still promise.
    pub unpromised: i64,
    /// The item that runs out first.
    pub scarcest_item_id: Option<ItemId>,
}

/// How many packages are possible at these points, one row per point that has any of the items.
pub async fn possible(
    conn: &mut Conn,
    clock: &Clock,
    package: &Package,
    point_id: Option<PointId>,
    points: &Within<PointId>,
) -> Result<Vec<Possible>, sqlx::Error> {
    Ok(Makings::of(conn, clock, points, point_id).await?.possible(package))
}

/// What packages are made of, point by point.
#[derive(Debug)]
pub struct Makings {
    asked: Option<PointId>,
    fit: BTreeMap<PointId, HashMap<ItemId, i64>>,
    promised: HashMap<(PointId, ItemId), i64>,
}

impl Makings {
    /// What is fit for use today, and what vouchers promise of it; at one of these points or at all of them.
    pub async fn of(
        conn: &mut Conn,
        clock: &Clock,
        points: &Within<PointId>,
        point_id: Option<PointId>,
    ) -> Result<Self, sqlx::Error> {
        let mut fit: BTreeMap<PointId, HashMap<ItemId, i64>> = BTreeMap::new();
        for row in store::sums::fit_on(conn, points, point_id, clock.today()).await? {
            if let Some(id) = row.point_id {
                fit.entry(id).or_default().insert(row.item_id, row.quantity.0);
            }
        }
        let promised = store::sums::promised(conn, points)
            .await?
            .into_iter()
            .filter_map(|row| Some(((row.point_id?, row.item_id), row.quantity.0)))
            .collect();
        Ok(Self { asked: point_id.filter(|id| points.holds(*id)), fit, promised })
    }

    /// How many of a package: one row per point that has any of its items, and for the point that was asked for.
    pub fn possible(&self, package: &Package) -> Vec<Possible> {
        let nothing = HashMap::new();
        let mut there: BTreeMap<PointId, &HashMap<ItemId, i64>> = BTreeMap::new();
        there.extend(self.asked.map(|id| (id, &nothing)));
        let has_any = |stock: &HashMap<ItemId, i64>| package.items.iter().any(|item| stock.contains_key(&item.item_id));
        there.extend(self.fit.iter().filter(|(_, stock)| has_any(stock)).map(|(id, stock)| (*id, stock)));
        there.into_iter().map(|(point_id, stock)| self.at(point_id, stock, package)).collect()
    }

    fn at(&self, point_id: PointId, stock: &HashMap<ItemId, i64>, package: &Package) -> Possible {
        let units = |less: &dyn Fn(ItemId) -> i64| {
            let unit = |item: &PackageItem| {
                let left = stock.get(&item.item_id).copied().unwrap_or(0) - less(item.item_id);
                (left.max(0) / item.quantity.0.max(1), item.item_id)
            };
            package.items.iter().map(unit).min()
        };
        let possible = units(&|_| 0);
        let unpromised = units(&|item_id| self.promised.get(&(point_id, item_id)).copied().unwrap_or(0));
        Possible {
            point_id,
            package_id: package.id,
            possible: possible.map_or(0, |(units, _)| units),
            unpromised: unpromised.map_or(0, |(units, _)| units),
            scarcest_item_id: possible.map(|(_, item_id)| item_id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortage_says_more_than_a_low_level() {
        assert_eq!(enough(10, 4, false), Enough::Enough);
        assert_eq!(enough(10, 4, true), Enough::Low);
        assert_eq!(enough(3, 4, true), Enough::Shortage);
        assert_eq!(enough(0, 4, true), Enough::Shortage);
        assert_eq!(enough(0, 0, false), Enough::Out);
    }
}
