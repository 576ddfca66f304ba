//! Where a donor's goods went: `180 of 200 kg rice reached 41 households`.
//!
//! Goods of one lot lie on one heap, whoever gave them. As the books of a store do, what came first is taken to have
//! gone first: of each lot, gifts and departures are laid side by side in the order they happened.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use uuid::Uuid;

use crate::kernel::Quantity;
use crate::kernel::ids::{ItemId, LotId};

/// Goods that entered a lot.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Came {
    pub lot_id: LotId,
    pub item_id: ItemId,
    pub name: String,
    pub unit: String,
    /// Digits after the comma of `quantity`.
    pub decimals: i64,
    /// How much.
    pub quantity: Quantity,
    /// Whether the donor in question gave them.
    pub mine: bool,
}

/// Goods that left for good by one paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Went {
    /// The household that received them; nothing: they spoiled, were lost, or the books were corrected.
    household_id: Option<Uuid>,
    /// What was taken: the place of a lot in [`lots`], and the quantity, above zero.
    taken: Vec<(usize, i64)>,
}

impl Went {
    /// Reads a line of the store: the household's id or `-`, then lots and quantities in turn.
    pub fn read(line: &str) -> Option<Self> {
        let (household, taken) = line.split_once(' ')?;
        let mut numbers = taken.split(' ');
        let mut pairs = Vec::new();
        while let Some(lot) = numbers.next() {
            pairs.push((lot.parse().ok()?, numbers.next()?.parse().ok()?));
        }
        Some(Self { household_id: household.parse().ok(), taken: pairs })
    }
}

/// What one paper took from one lot.
#[derive(Clone, Copy)]
struct Departure {
    quantity: i64,
    household_id: Option<Uuid>,
}

/// The lots that something came into.
pub fn lots(came: &[Came]) -> Vec<LotId> {
    let lots: BTreeSet<LotId> = came.iter().map(|entry| entry.lot_id).collect();
    lots.into_iter().collect()
}

/// What became of one item that a donor gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced {
    pub name: String,
    pub unit: String,
    /// Digits after the comma of the quantities.
    pub decimals: i64,
    /// What the donor gave.
    pub given: Quantity,
    /// What of it reached households.
    pub reached: Quantity,
    /// How many households.
    pub households: usize,
}

/// Follows a donor's goods. Both lists are in the order things happened.
pub fn follow(came: &[Came], went: &[Went]) -> Vec<Traced> {
    let lots = lots(came);
    let departures = by_lot(lots.len(), went);
    let mut traced: BTreeMap<ItemId, (Traced, HashSet<Uuid>)> = BTreeMap::new();
    for (lot_id, departures) in lots.into_iter().zip(departures) {
        let mut departures = departures.into_iter();
        let (mut leaving, mut open) = (departures.next(), 0);
        for entry in came.iter().filter(|entry| entry.lot_id == lot_id) {
            let (sum, households) = traced.entry(entry.item_id).or_insert_with(|| (nothing_of(entry), HashSet::new()));
            let mut rest = entry.quantity.0;
            sum.given.0 += if entry.mine { rest } else { 0 };
            while let Some(departure) = leaving.filter(|_| rest > 0) {
                let part = rest.min(departure.quantity - open);
                if let Some(household) = departure.household_id.filter(|_| entry.mine && part > 0) {
                    sum.reached.0 += part;
                    households.insert(household);
                }
                rest -= part;
                open += part;
                if open >= departure.quantity {
                    (leaving, open) = (departures.next(), 0);
                }
            }
        }
    }
    let counted = traced.into_values().map(|(sum, households)| Traced { households: households.len(), ..sum });
    counted.filter(|sum| sum.given.0 > 0).collect()
}

/// What left each of so many lots.
fn by_lot(lots: usize, went: &[Went]) -> Vec<Vec<Departure>> {
    let mut departures = vec![Vec::new(); lots];
    for paper in went {
        for (lot, quantity) in &paper.taken {
            departures[*lot].push(Departure { quantity: *quantity, household_id: paper.household_id });
        }
    }
    departures
}

fn nothing_of(entry: &Came) -> Traced {
    Traced {
        name: entry.name.clone(),
        unit: entry.unit.clone(),
        decimals: entry.decimals,
        given: Quantity(0),
        reached: Quantity(0),
        households: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came(quantity: i64, mine: bool) -> Came {
        Came {
            lot_id: LotId(Uuid::from_u128(1)),
            item_id: ItemId(Uuid::from_u128(2)),
            name: "Gạo".into(),
            unit: "kg".into(),
            decimals: 3,
            quantity: Quantity(quantity),
            mine,
        }
    }

    fn went(quantity: i64, household: u128) -> Went {
        let household = if household > 0 { Uuid::from_u128(household).to_string() } else { "-".to_owned() };
        Went::read(&format!("{household} 0 {quantity}")).unwrap()
    }

    #[test]
    fn what_came_first_went_first() {
        let departures = [went(10, 1), went(10, 2), went(5, 0), went(10, 3), went(10, 2)];
        let found = follow(&[came(15, false), came(20, true), came(100, false)], &departures);
        // Of the donor's 20: 5 to household 2, 5 spoiled, 10 to household 3.
        assert_eq!((found[0].given.0, found[0].reached.0, found[0].households), (20, 15, 2));
    }

    #[test]
    fn a_household_that_took_from_two_lots_at_once_is_one_household() {
        let second = Came { lot_id: LotId(Uuid::from_u128(9)), ..came(8, true) };
        let found = follow(
            &[came(15, true), second],
            &[Went::read(&format!("{} 0 10 1 8", Uuid::from_u128(1).simple())).unwrap(), went(9, 2)],
        );
        assert_eq!((found[0].given.0, found[0].reached.0, found[0].households), (23, 23, 2));
    }

    #[test]
    fn goods_still_on_the_shelf_have_reached_nobody() {
        let found = follow(&[came(15, true)], &[]);
        assert_eq!((found[0].given.0, found[0].reached.0, found[0].households), (15, 0, 0));
        assert_eq!(follow(&[came(15, false)], &[went(3, 1)]), []);
    }
}
