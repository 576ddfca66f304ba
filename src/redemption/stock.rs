//! The shelves of a batch: levels read and locked once, packages taken in memory first-expired-first, what changed
//! written back once per point and lot.

use std::collections::HashMap;

use uuid::Uuid;

use crate::kernel::Day;
use crate::people::PointId;

/// One line of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentLine {
    /// Which item.
    pub item_id: Uuid,
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// Decimals of its unit.
    pub decimals: u8,
    /// How much one package holds, in the item's smallest unit.
    pub quantity: i64,
}

/// What one point has of one lot.
#[derive(Clone, Debug)]
struct Level {
    lot_id: Uuid,
    /// Its last day; nothing: it keeps.
    expires_on: Option<Day>,
    /// The lot on which handovers beyond the stock are booked.
    overdraft: bool,
    quantity: i64,
    change: i64,
}

/// What leaves a shelf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Which item.
    pub item_id: Uuid,
    /// From which lot; nothing: from the overdraft, whose lot may not exist yet.
    pub lot_id: Option<Uuid>,
    /// How much, in the item's smallest unit.
    pub quantity: i64,
}

/// A change of one level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelChange {
    /// Where.
    pub point_id: PointId,
    /// Which lot.
    pub lot_id: Uuid,
    /// By how much.
    pub delta: i64,
}

/// The levels of all points and items that a batch touches, and its packages' contents.
#[derive(Debug, Default)]
pub struct Shelves {
    contents: HashMap<Uuid, Vec<ContentLine>>,
    levels: HashMap<(PointId, Uuid), Vec<Level>>,
}

impl Shelves {
    /// Notes a package's line.
    pub fn put_content(&mut self, package_id: Uuid, line: ContentLine) {
        let lines = self.contents.entry(package_id).or_default();
        if lines.iter().all(|known| known.item_id != line.item_id) {
            lines.push(line);
        }
    }

    /// Notes a level; levels of one item must come in the order in which they are to be handed out.
    pub fn put_level(
        &mut self,
        point_id: PointId,
        item_id: Uuid,
        lot_id: Uuid,
        expires_on: Option<Day>,
        overdraft: bool,
        quantity: i64,
    ) {
        let levels = self.levels.entry((point_id, item_id)).or_default();
        if levels.iter().all(|known| known.lot_id != lot_id) {
            levels.push(Level { lot_id, expires_on, overdraft, quantity, change: 0 });
        }
    }

    /// What a package holds.
    pub fn contents(&self, package_id: Uuid) -> &[ContentLine] {
        self.contents.get(&package_id).map_or(&[], Vec::as_slice)
    }

    /// Whether a point has all that so many packages hold, in lots that have not expired, debts deducted.
    pub fn has(&self, point_id: PointId, package_id: Uuid, units: i64, today: Day) -> bool {
        self.contents(package_id).iter().all(|line| {
            let levels = self.levels.get(&(point_id, line.item_id)).map_or(&[][..], Vec::as_slice);
            let good: i64 = levels.iter().filter(|level| level.good_on(today)).map(|level| level.quantity).sum();
            good >= line.quantity.saturating_mul(units)
        })
    }

    /// Takes so many packages, first-expired-first; then, since a fact can't be undone, from expired lots and at last
    /// from the overdraft.
    pub fn take(&mut self, point_id: PointId, package_id: Uuid, units: i64, today: Day) -> Vec<Taken> {
        let mut taken = Vec::new();
        for line in self.contents.get(&package_id).map_or(&[][..], Vec::as_slice) {
            let mut missing = line.quantity.saturating_mul(units);
            let levels = self.levels.entry((point_id, line.item_id)).or_default();
            for good in [true, false] {
                for level in levels.iter_mut().filter(|level| !level.overdraft && level.good_on(today) == good) {
                    let part = missing.min(level.quantity.max(0));
                    if part > 0 {
                        level.quantity -= part;
                        level.change -= part;
                        missing -= part;
                        taken.push(Taken { item_id: line.item_id, lot_id: Some(level.lot_id), quantity: part });
                    }
                }
            }
            if missing > 0 {
                match levels.iter_mut().find(|level| level.overdraft) {
                    Some(level) => {
                        level.quantity -= missing;
                        level.change -= missing;
                        taken.push(Taken { item_id: line.item_id, lot_id: Some(level.lot_id), quantity: missing });
                    }
                    None => taken.push(Taken { item_id: line.item_id, lot_id: None, quantity: missing }),
                }
            }
        }
        taken
    }

    /// What changed, once per point and lot, in a fixed order.
    pub fn changes(&self) -> Vec<LevelChange> {
        let mut changes: Vec<LevelChange> = self
            .levels
            .iter()
            .flat_map(|((point_id, _), levels)| {
                levels.iter().filter(|level| level.change != 0).map(|level| LevelChange {
                    point_id: *point_id,
                    lot_id: level.lot_id,
                    delta: level.change,
                })
            })
            .collect();
        changes.sort_by_key(|change| (change.point_id, change.lot_id));
        changes
    }
}

impl Level {
    fn good_on(&self, day: Day) -> bool {
        self.expires_on.is_none_or(|last| last >= day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(n: i32) -> Day {
        Day::parse("2021-08-05").unwrap().plus_days(n)
    }

    fn shelves(lots: &[(Option<i32>, i64)]) -> (Shelves, PointId, Uuid, Uuid) {
        let (point, package, item) = (PointId(Uuid::from_u128(1)), Uuid::from_u128(2), Uuid::from_u128(3));
        let mut shelves = Shelves::default();
        let line =
            ContentLine { item_id: item, name: "Gạo".into(), unit: "kg".into(), decimals: 3, quantity: 10_000 };
        shelves.put_content(package, line);
        for (i, (expires, quantity)) in lots.iter().enumerate() {
            let lot = Uuid::from_u128(100 + i as u128);
            shelves.put_level(point, item, lot, expires.map(day), false, *quantity);
        }
        (shelves, point, package, item)
    }

    #[test]
    fn what_expires_first_leaves_first_and_what_has_expired_is_not_stock() {
        let (mut shelves, point, package, _) = shelves(&[(Some(-1), 50_000), (Some(2), 6_000), (None, 9_000)]);
        assert!(shelves.has(point, package, 1, day(0)));
        assert!(!shelves.has(point, package, 2, day(0)));
        let taken = shelves.take(point, package, 1, day(0));
        assert_eq!(taken.iter().map(|t| t.quantity).collect::<Vec<_>>(), [6_000, 4_000]);
    }

    #[test]
    fn a_fact_beyond_the_stock_is_booked_on_the_overdraft() {
        let (mut shelves, point, package, item) = shelves(&[(None, 4_000)]);
        let taken = shelves.take(point, package, 1, day(0));
        assert_eq!(taken[1], Taken { item_id: item, lot_id: None, quantity: 6_000 });
        assert_eq!(shelves.changes().iter().map(|c| c.delta).sum::<i64>(), -4_000);
    }

    proptest! {
        #[test]
        fn what_is_taken_is_exactly_what_the_packages_hold(
            lots in proptest::collection::vec((proptest::option::of(-3..9_i32), 0..40_000_i64), 0..6), units in 1..5_i64,
        ) {
            let (mut shelves, point, package, _) = shelves(&lots);
            let enough = shelves.has(point, package, units, day(0));
            let taken = shelves.take(point, package, units, day(0));
            prop_assert_eq!(taken.iter().map(|t| t.quantity).sum::<i64>(), 10_000 * units);
            let from_lots: i64 = taken.iter().filter(|t| t.lot_id.is_some()).map(|t| t.quantity).sum();
            prop_assert_eq!(shelves.changes().iter().map(|c| c.delta).sum::<i64>(), -from_lots);
            if enough {
                prop_assert!(taken.iter().all(|t| t.lot_id.is_some()));
            }
        }
    }
}
