//! A shelf: the locked levels of some items at some points, changed in memory and written at once.
//!
//! What may be taken is decided here, without a database; see the property tests below.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use super::lines::Line;
use super::lot::LotKey;
use super::reason::Reason;
use super::shortage::Shortage;
use super::store;
use crate::db::{StatementBatch, Tx};
use crate::kernel::ids::{ItemId, LotId, PointId};
use crate::kernel::{Clock, Day, Moment, Quantity};

/// Which goods may be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Only goods that have not expired: to hand out, to transfer.
    Unexpired,
    /// All goods, the expired first: to write off.
    Any,
}

/// Why, for which record and when stock changes.
#[derive(Clone, Copy, Debug)]
pub struct PostingCause {
    /// Why.
    pub reason: Reason,
    /// The donation, transfer, adjustment, or the redemption's nonce.
    pub source_id: Uuid,
    /// When the goods moved.
    pub at: Moment,
}

/// What was taken from one lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picked {
    pub item_id: ItemId,
    /// From which lot.
    pub lot: LotKey,
    /// How much, above zero.
    pub quantity: Quantity,
}

/// One entry of the ledger to be written.
#[derive(Clone, Copy, Debug)]
pub struct Posting {
    pub point_id: PointId,
    pub item_id: ItemId,
    pub lot: LotKey,
    /// How much; never zero.
    pub quantity: Quantity,
    /// Why.
    pub cause: PostingCause,
}

type Place = (PointId, ItemId);

/// The locked levels of some items at some points.
#[derive(Debug)]
pub struct LockedStock {
    today: Day,
    held: BTreeMap<Place, BTreeMap<LotKey, i64>>,
    lots: HashMap<(ItemId, LotKey), LotId>,
    stored: HashSet<(PointId, LotId)>,
    postings: Vec<Posting>,
}

impl LockedStock {
    /// Locks the levels of these items at these points, in one order, until the transaction ends.
    pub async fn lock(tx: &mut Tx, today: Day, places: &[Place]) -> Result<Self, sqlx::Error> {
        Ok(Self::of(today, store::ledger::lock_levels(tx, places).await?))
    }

    /// A shelf of levels that the caller's own statement has locked, in the order of point, item and lot.
    pub fn of(today: Day, levels: impl IntoIterator<Item = store::ledger::Level>) -> Self {
        let mut shelf = Self::empty(today);
        for level in levels {
            let lot = LotKey::from_columns(level.expires_on, level.overdraft);
            shelf.held.entry((level.point_id, level.item_id)).or_default().insert(lot, level.quantity.0);
            shelf.lots.insert((level.item_id, lot), level.lot_id);
            shelf.stored.insert((level.point_id, level.lot_id));
        }
        shelf
    }

    fn empty(today: Day) -> Self {
        Self { today, held: BTreeMap::new(), lots: HashMap::new(), stored: HashSet::new(), postings: Vec::new() }
    }

    /// Everything on hand of an item at a point, the overdraft counted.
    pub fn on_hand(&self, point_id: PointId, item_id: ItemId) -> Quantity {
        Quantity(self.held.get(&(point_id, item_id)).into_iter().flatten().map(|(_, quantity)| quantity).sum())
    }

    /// How much of an item can be taken at a point; never below zero.
    pub fn available(&self, point_id: PointId, item_id: ItemId, fit: Freshness) -> Quantity {
        let lots = self.held.get(&(point_id, item_id)).into_iter().flatten();
        let sum: i64 = lots.filter(|(lot, _)| self.counts(**lot, fit)).map(|(_, quantity)| quantity).sum();
        Quantity(sum.max(0))
    }

    /// Whether a lot's level counts towards what can be taken: fit goods, and what was overdrawn against them.
    fn counts(&self, lot: LotKey, fit: Freshness) -> bool {
        match lot {
            LotKey::Expires(day) => fit == Freshness::Any || day >= self.today,
            LotKey::Undated | LotKey::Overdraft => true,
        }
    }

    /// Takes all lines, first-expired-first, or nothing: then every line that falls short is told.
    pub fn take(
        &mut self,
        point_id: PointId,
        lines: &[Line],
        fit: Freshness,
        cause: PostingCause,
    ) -> Result<Vec<Picked>, Vec<Shortage>> {
        let mut shorts = Vec::new();
        let mut wanted_before: HashMap<ItemId, i64> = HashMap::new();
        for (line, Line { item_id, quantity }) in lines.iter().enumerate() {
            let before = wanted_before.entry(*item_id).or_default();
            let available = self.available(point_id, *item_id, fit).0.saturating_sub(*before).max(0);
            if quantity.0 > available {
                let (wanted, available) = (*quantity, Quantity(available));
                shorts.push(Shortage { line, item_id: *item_id, wanted, available });
            }
            *before = before.saturating_add(quantity.0);
        }
        if !shorts.is_empty() {
            return Err(shorts);
        }
        Ok(lines.iter().flat_map(|line| self.take_line(point_id, *line, fit, cause)).collect())
    }

    /// Takes what is there of one item, first-expired-first, up to the quantity.
    fn take_line(&mut self, point_id: PointId, line: Line, fit: Freshness, cause: PostingCause) -> Vec<Picked> {
        let mut left = line.quantity.0.min(self.available(point_id, line.item_id, fit).0);
        let mut taken = Vec::new();
        let lots: Vec<(LotKey, i64)> =
            self.held.get(&(point_id, line.item_id)).into_iter().flatten().map(|(lot, n)| (*lot, *n)).collect();
        for (lot, there) in lots {
            let quantity = left.min(there);
            if quantity <= 0 || !self.counts(lot, fit) {
                continue;
            }
            left -= quantity;
            self.post(point_id, line.item_id, lot, Quantity(-quantity), cause);
            taken.push(Picked { item_id: line.item_id, lot, quantity: Quantity(quantity) });
        }
        taken
    }

    /// Books a fact that has happened: takes what is there, and the rest from the overdraft. How much that rest is.
    pub fn take_as_fact(&mut self, point_id: PointId, line: Line, cause: PostingCause) -> Quantity {
        let taken: i64 = self.take_line(point_id, line, Freshness::Unexpired, cause).iter().map(|t| t.quantity.0).sum();
        let beyond = Quantity(line.quantity.0 - taken);
        self.post(point_id, line.item_id, LotKey::Overdraft, Quantity(-beyond.0), cause);
        beyond
    }

    /// Puts goods into a lot.
    pub fn put(&mut self, point_id: PointId, item_id: ItemId, lot: LotKey, quantity: Quantity, cause: PostingCause) {
        self.post(point_id, item_id, lot, quantity, cause);
    }

    /// Takes goods out of the lot that they were put into, all of them, or says how much is no longer there.
    pub fn take_out(
        &mut self,
        point_id: PointId,
        item_id: ItemId,
        lot: LotKey,
        quantity: Quantity,
        cause: PostingCause,
    ) -> Result<(), Quantity> {
        let of_lot = self.held.get(&(point_id, item_id)).and_then(|lots| lots.get(&lot)).copied().unwrap_or(0);
        let there = of_lot.min(self.on_hand(point_id, item_id).0).max(0);
        if there < quantity.0 {
            return Err(Quantity(quantity.0 - there));
        }
        self.post(point_id, item_id, lot, Quantity(-quantity.0), cause);
        Ok(())
    }

    /// Puts goods that were found: they first settle what was overdrawn; the rest joins the lot without a day if
    /// there is one here, else the lot that expires next, else becomes a lot without a day.
    pub fn put_found(&mut self, point_id: PointId, line: Line, cause: PostingCause) {
        let held = self.held.get(&(point_id, line.item_id));
        let overdrawn = held.and_then(|lots| lots.get(&LotKey::Overdraft)).map_or(0, |n| (-n).max(0));
        let undated = held.is_some_and(|lots| lots.contains_key(&LotKey::Undated));
        let next = held.into_iter().flatten().map(|(lot, _)| *lot).find(|lot| match lot {
            LotKey::Expires(day) => !undated && *day >= self.today,
            LotKey::Undated => true,
            LotKey::Overdraft => false,
        });
        let settled = overdrawn.min(line.quantity.0);
        self.post(point_id, line.item_id, LotKey::Overdraft, Quantity(settled), cause);
        let rest = Quantity(line.quantity.0 - settled);
        self.post(point_id, line.item_id, next.unwrap_or(LotKey::Undated), rest, cause);
    }

    fn post(&mut self, point_id: PointId, item_id: ItemId, lot: LotKey, quantity: Quantity, cause: PostingCause) {
        if quantity.0 != 0 {
            *self.held.entry((point_id, item_id)).or_default().entry(lot).or_default() += quantity.0;
            self.postings.push(Posting { point_id, item_id, lot, quantity, cause });
        }
    }

    /// Writes entries and levels. The transaction must be the one that locked the shelf.
    pub async fn write(self, tx: &mut Tx, clock: &Clock) -> Result<(), sqlx::Error> {
        let settled = self.settle(tx, clock).await?;
        let mut batch = tx.batch();
        settled.write(&mut batch)?;
        batch.execute().await
    }

    /// What is to be written, with the lots and levels that it needs made where they are missing. The transaction
    /// must be the one that locked the shelf.
    pub async fn settle(mut self, tx: &mut Tx, clock: &Clock) -> Result<Settled, sqlx::Error> {
        let missing = self.postings.iter().map(|p| (p.item_id, p.lot)).filter(|lot| !self.lots.contains_key(lot));
        let missing: Vec<_> = missing.collect::<BTreeSet<_>>().into_iter().collect();
        self.lots.extend(store::ledger::ensure_lots(tx, clock, &missing).await?);
        let lots = &self.lots;
        let entries = self.postings.iter().map(|posting| store::ledger::NewEntry {
            id: clock.uuid(),
            at: posting.cause.at.micros(),
            point_id: posting.point_id,
            item_id: posting.item_id,
            lot_id: lots[&(posting.item_id, posting.lot)],
            quantity: posting.quantity,
            reason: posting.cause.reason,
            source_id: posting.cause.source_id,
        });
        let entries: Vec<store::ledger::NewEntry> = entries.collect();
        let mut changes: BTreeMap<(PointId, ItemId, LotKey), i64> = BTreeMap::new();
        for posting in &self.postings {
            *changes.entry((posting.point_id, posting.item_id, posting.lot)).or_default() += posting.quantity.0;
        }
        let changes: Vec<store::ledger::LevelChange> = changes
            .into_iter()
            .map(|((point_id, item_id, lot), quantity)| store::ledger::LevelChange {
                point_id,
                item_id,
                lot_id: lots[&(item_id, lot)],
                expires_on: lot.expires_on(),
                overdraft: lot == LotKey::Overdraft,
                quantity: Quantity(quantity),
            })
            .collect();
        let new = changes.iter().filter(|c| !self.stored.contains(&(c.point_id, c.lot_id))).cloned();
        let new: Vec<store::ledger::LevelChange> = new.collect();
        store::ledger::insert_levels(tx, &new).await?;
        Ok(Settled { entries, changes })
    }
}

/// Entries and changed levels, ready to be written in the transaction that settled them.
#[derive(Debug)]
pub struct Settled {
    entries: Vec<store::ledger::NewEntry>,
    changes: Vec<store::ledger::LevelChange>,
}

impl Settled {
    /// Adds the statements that write them.
    pub fn write(&self, batch: &mut StatementBatch<'_>) -> Result<(), sqlx::Error> {
        store::ledger::insert_entries(batch, &self.entries)?;
        store::ledger::change_levels(batch, &self.changes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POINT: PointId = PointId(Uuid::from_u128(1));
    const RICE: ItemId = ItemId(Uuid::from_u128(2));

    fn today() -> Day {
        Day::parse("2021-08-05").unwrap()
    }

    fn cause(reason: Reason) -> PostingCause {
        PostingCause { reason, source_id: Uuid::nil(), at: Moment::from_micros(0) }
    }

    fn line(quantity: i64) -> Line {
        Line { item_id: RICE, quantity: Quantity(quantity) }
    }

    fn shelf(lots: &[(LotKey, i64)]) -> LockedStock {
        let mut shelf = LockedStock::empty(today());
        for (lot, quantity) in lots {
            shelf.put(POINT, RICE, *lot, Quantity(*quantity), cause(Reason::Donation));
        }
        shelf
    }

    fn lot(days: i32) -> LotKey {
        LotKey::Expires(today().plus_days(days))
    }

    #[test]
    fn goods_that_expire_first_go_first_and_expired_ones_never_go_out() {
        let mut shelf = shelf(&[(LotKey::Undated, 5), (lot(9), 5), (lot(0), 5), (lot(-1), 5)]);
        let taken = shelf.take(POINT, &[line(12)], Freshness::Unexpired, cause(Reason::Redemption)).unwrap();
        let lots: Vec<_> = taken.iter().map(|t| (t.lot, t.quantity.0)).collect();
        assert_eq!(lots, [(lot(0), 5), (lot(9), 5), (LotKey::Undated, 2)]);
        let short = shelf.take(POINT, &[line(4)], Freshness::Unexpired, cause(Reason::Redemption)).unwrap_err();
        assert_eq!(short[0].available, Quantity(3));
        let written_off = shelf.take(POINT, &[line(5)], Freshness::Any, cause(Reason::Spoiled)).unwrap();
        assert_eq!(written_off[0].lot, lot(-1));
    }

    #[test]
    fn what_was_overdrawn_is_not_handed_out_again_and_is_settled_first() {
        let mut shelf = shelf(&[(LotKey::Undated, 3)]);
        assert_eq!(shelf.take_as_fact(POINT, line(5), cause(Reason::Redemption)), Quantity(2));
        assert_eq!(shelf.on_hand(POINT, RICE), Quantity(-2));
        shelf.put(POINT, RICE, lot(3), Quantity(10), cause(Reason::Donation));
        assert_eq!(shelf.available(POINT, RICE, Freshness::Unexpired), Quantity(8));
        shelf.put_found(POINT, line(3), cause(Reason::Counted));
        assert_eq!(shelf.held[&(POINT, RICE)][&LotKey::Overdraft], 0);
        assert_eq!(shelf.on_hand(POINT, RICE), Quantity(11));
    }

    #[test]
    fn goods_leave_the_lot_they_came_into_only_while_all_of_them_are_there() {
        let mut shelf = shelf(&[(lot(3), 10), (LotKey::Undated, 10)]);
        let mut out = |quantity| shelf.take_out(POINT, RICE, lot(3), Quantity(quantity), cause(Reason::Donation));
        assert_eq!(out(12), Err(Quantity(2)), "the other lot does not stand in");
        assert_eq!((out(8), out(3)), (Ok(()), Err(Quantity(1))));
        assert_eq!(shelf.take_as_fact(POINT, line(15), cause(Reason::Redemption)), Quantity(3));
        shelf.put(POINT, RICE, lot(3), Quantity(4), cause(Reason::Donation));
        let out = shelf.take_out(POINT, RICE, lot(3), Quantity(4), cause(Reason::Donation));
        assert_eq!(out, Err(Quantity(3)), "what was overdrawn is owed first");
    }

    #[test]
    fn a_shortage_takes_nothing_and_counts_lines_of_the_same_item_together() {
        let mut shelf = shelf(&[(LotKey::Undated, 10)]);
        let short = shelf.take(POINT, &[line(6), line(6)], Freshness::Unexpired, cause(Reason::Transfer)).unwrap_err();
        assert_eq!(short, [Shortage { line: 1, item_id: RICE, wanted: Quantity(6), available: Quantity(4) }]);
        assert_eq!(shelf.on_hand(POINT, RICE), Quantity(10));
    }

    #[derive(Clone, Debug)]
    enum Act {
        Put(i32, i64),
        Take(i64, bool),
        Fact(i64),
        Found(i64),
    }

    fn acts() -> impl Strategy<Value = Vec<Act>> {
        let act = prop_oneof![
            (-3..10_i32, 1..1000_i64).prop_map(|(days, n)| Act::Put(days, n)),
            (1..1500_i64, any::<bool>()).prop_map(|(n, any)| Act::Take(n, any)),
            (1..200_i64).prop_map(Act::Fact),
            (1..200_i64).prop_map(Act::Found),
        ];
        prop::collection::vec(act, 0..40)
    }

    proptest! {
        #[test]
        fn no_sequence_of_moves_makes_or_loses_a_gram(acts in acts()) {
            let mut shelf = shelf(&[]);
            let mut expected = 0;
            for act in acts {
                let before = shelf.on_hand(POINT, RICE).0;
                match act {
                    Act::Put(days, n) => {
                        shelf.put(POINT, RICE, lot(days), Quantity(n), cause(Reason::Donation));
                        expected += n;
                    }
                    Act::Take(n, any) => {
                        let fit = if any { Freshness::Any } else { Freshness::Unexpired };
                        let available = shelf.available(POINT, RICE, fit).0;
                        let taken = shelf.take(POINT, &[line(n)], fit, cause(Reason::Spoiled));
                        prop_assert_eq!(taken.is_ok(), n <= available);
                        if let Ok(taken) = taken {
                            prop_assert_eq!(taken.iter().map(|t| t.quantity.0).sum::<i64>(), n);
                            expected -= n;
                        } else {
                            prop_assert_eq!(shelf.on_hand(POINT, RICE).0, before);
                        }
                    }
                    Act::Fact(n) => {
                        shelf.take_as_fact(POINT, line(n), cause(Reason::Redemption));
                        expected -= n;
                    }
                    Act::Found(n) => {
                        shelf.put_found(POINT, line(n), cause(Reason::Counted));
                        expected += n;
                    }
                }
                prop_assert_eq!(shelf.on_hand(POINT, RICE).0, expected);
                prop_assert_eq!(shelf.postings.iter().map(|p| p.quantity.0).sum::<i64>(), expected);
                for (lot, quantity) in shelf.held.values().flatten() {
                    prop_assert!(*lot == LotKey::Overdraft || *quantity >= 0);
                }
            }
        }
    }
}
