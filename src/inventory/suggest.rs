//! Which transfers would mend the shortages: from a warehouse, else from where most is left, to where vouchers promise
//! more than there is.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use super::level::StockLevel;
use crate::db::Conn;
use crate::kernel::ids::{ItemId, PointId};
use crate::kernel::{Quantity, Within};
use crate::places;
use crate::places::PointKind;

/// Goods that had better be somewhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Where they are not promised.
    pub from: PointId,
    /// Where they are missing.
    pub to: PointId,
    pub item_id: ItemId,
    /// How much, in its smallest unit: what is missing, or as much of it as can be spared.
    pub quantity: Quantity,
}

/// The transfers that mend this stock, warehouses giving first.
pub async fn for_stock(
    conn: &mut Conn,
    points: &Within<PointId>,
    stock: &[StockLevel],
) -> Result<Vec<Suggestion>, sqlx::Error> {
    let places = places::store::places(conn, points, false).await?;
    let warehouses = places.iter().filter(|place| place.kind == PointKind::Warehouse).map(|place| place.id);
    Ok(transfers(stock, &warehouses.collect()))
}

/// The transfers that mend what can be mended. Nothing is taken that its own point has promised.
fn transfers(levels: &[StockLevel], warehouses: &HashSet<PointId>) -> Vec<Suggestion> {
    let mut spare: BTreeMap<ItemId, Vec<(PointId, i64)>> = BTreeMap::new();
    for level in levels.iter().filter(|level| level.available.0 > 0) {
        spare.entry(level.item_id).or_default().push((level.point_id, level.available.0));
    }
    let mut suggestions = Vec::new();
    for level in levels.iter().filter(|level| level.available.0 < 0) {
        let Some(places) = spare.get_mut(&level.item_id) else { continue };
        let mut missing = -level.available.0;
        places.sort_by_key(|(point, left)| (!warehouses.contains(point), Reverse(*left)));
        for (from, left) in places.iter_mut() {
            let quantity = missing.min(*left);
            if quantity > 0 {
                let (from, to) = (*from, level.point_id);
                suggestions.push(Suggestion { from, to, item_id: level.item_id, quantity: Quantity(quantity) });
                missing -= quantity;
                *left -= quantity;
            }
        }
    }
    suggestions
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn level(point: u128, item: u128, on_hand: i64, promised: i64) -> StockLevel {
        StockLevel {
            point_id: PointId(Uuid::from_u128(point)),
            item_id: ItemId(Uuid::from_u128(item)),
            name: "Gạo".into(),
            unit: "kg".into(),
            decimals: 3,
            on_hand: Quantity(on_hand),
            promised: Quantity(promised),
            available: Quantity(on_hand - promised),
            low: false,
        }
    }

    #[test]
    fn a_shortage_is_mended_from_where_most_is_left_and_nothing_promised_is_taken() {
        let levels = [level(1, 9, 50, 0), level(2, 9, 100, 30), level(3, 9, 10, 110), level(4, 9, 0, 40)];
        let found: Vec<(u128, u128, i64)> = transfers(&levels, &HashSet::new())
            .iter()
            .map(|s| (s.from.0.as_u128(), s.to.0.as_u128(), s.quantity.0))
            .collect();
        assert_eq!(found, [(2, 3, 70), (1, 3, 30), (1, 4, 20)]);
    }

    #[test]
    fn a_warehouse_gives_before_a_point_that_hands_out() {
        let levels = [level(1, 9, 50, 0), level(2, 9, 100, 0), level(3, 9, 0, 70)];
        let found = transfers(&levels, &HashSet::from([levels[0].point_id]));
        assert_eq!(found.iter().map(|s| s.quantity.0).collect::<Vec<_>>(), [50, 20]);
    }

    #[test]
    fn other_items_and_satisfied_points_suggest_nothing() {
        assert_eq!(transfers(&[level(1, 8, 50, 0), level(2, 9, 0, 10)], &HashSet::new()), []);
        assert_eq!(transfers(&[level(1, 9, 50, 0), level(2, 9, 10, 10)], &HashSet::new()), []);
    }
}
