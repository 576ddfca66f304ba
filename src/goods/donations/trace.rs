//! Where a donor's goods went: `180 of 200 kg rice reached 41 households`.
//!
//! Goods of one lot lie on one heap, whoever gave them. As the books of a store do, what came first is taken to have
//! gone first: of each lot, gifts and departures are laid side by side in the order they happened.

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use super::ItemId;
use crate::goods::LotId;
use crate::kernel::Quantity;

/// Goods that entered a lot.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Came {
    /// The lot.
    pub lot_id: LotId,
    /// The item.
    pub item_id: ItemId,
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// Digits after the comma of `quantity`.
    pub decimals: i64,
    /// How much.
    pub quantity: Quantity,
    /// Whether the donor in question gave them.
    pub mine: bool,
}

/// Goods that left a lot for good.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Went {
    /// The lot.
    pub lot_id: LotId,
    /// How much, above zero.
    pub quantity: Quantity,
    /// The household that received them; nothing: they spoiled, were lost, or the books were corrected.
    pub household_id: Option<Uuid>,
}

/// What became of one item that a donor gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced {
    /// Its name.
    pub name: String,
    /// Its unit.
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
    let mut lots: BTreeMap<LotId, Vec<&Came>> = BTreeMap::new();
    for entry in came {
        lots.entry(entry.lot_id).or_default().push(entry);
    }
    let mut left: HashMap<LotId, Vec<&Went>> = HashMap::new();
    for entry in went {
        left.entry(entry.lot_id).or_default().push(entry);
    }
    let mut traced: BTreeMap<ItemId, (Traced, HashSet<Uuid>)> = BTreeMap::new();
    for (lot_id, came) in lots {
        let mut departures = left.remove(&lot_id).unwrap_or_default().into_iter();
        let (mut leaving, mut open) = (departures.next(), 0);
        for entry in came {
            let (sum, households) = traced.entry(entry.item_id).or_insert_with(|| (nothing_of(entry), HashSet::new()));
            let mut rest = entry.quantity.0;
            sum.given.0 += if entry.mine { rest } else { 0 };
            while let Some(departure) = leaving.filter(|_| rest > 0) {
                let part = rest.min(departure.quantity.0 - open);
                if let Some(household) = departure.household_id.filter(|_| entry.mine && part > 0) {
                    sum.reached.0 += part;
                    households.insert(household);
                }
                rest -= part;
                open += part;
                if open >= departure.quantity.0 {
                    (leaving, open) = (departures.next(), 0);
                }
            }
        }
    }
    let counted = traced.into_values().map(|(sum, households)| Traced { households: households.len(), ..sum });
    counted.filter(|sum| sum.given.0 > 0).collect()
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
        let household_id = (household > 0).then(|| Uuid::from_u128(household));
        Went { lot_id: LotId(Uuid::from_u128(1)), quantity: Quantity(quantity), household_id }
    }

    #[test]
    fn what_came_first_went_first() {
        let departures = [went(10, 1), went(10, 2), went(5, 0), went(10, 3), went(10, 2)];
        let found = follow(&[came(15, false), came(20, true), came(100, false)], &departures);
        // Of the donor's 20: 5 to household 2, 5 spoiled, 10 to household 3.
        assert_eq!((found[0].given.0, found[0].reached.0, found[0].households), (20, 15, 2));
    }

    #[test]
    fn goods_still_on_the_shelf_have_reached_nobody() {
        let found = follow(&[came(15, true)], &[]);
        assert_eq!((found[0].given.0, found[0].reached.0, found[0].households), (15, 0, 0));
        assert_eq!(follow(&[came(15, false)], &[went(3, 1)]), []);
    }
}
