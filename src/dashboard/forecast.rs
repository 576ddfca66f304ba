//! When something runs out at the present rate, and the transfer that would keep it from running out.

use std::collections::HashMap;

use super::overview::{MINUTES, StockRow};
use crate::dashboard::overview::Fix;
use crate::inventory::suggest::Suggestion;
use crate::kernel::Quantity;
use crate::kernel::ids::{ItemId, PointId};

/// What runs out later than this is not told, in minutes.
const TOLD_MINUTES: i64 = 240;
/// How long a point that gives something away keeps enough for itself, in minutes.
const KEPT_MINUTES: i64 = 60;

/// What leaves a point, in each item's smallest unit, over the last [`MINUTES`] minutes together.
pub type Outflow = HashMap<(PointId, ItemId), i64>;

/// Tells of each row when it is empty and what would fix it. `open_ended`: vouchers wait that any point may serve, so
/// that what the rows promise is not all that will be asked for. `mending` are the transfers that mend what is promised
/// and missing.
pub fn foresee(rows: &mut [StockRow], outflow: &Outflow, open_ended: bool, mending: &[Suggestion]) {
    let leaving = |row: &StockRow| outflow.get(&(row.point_id, row.item_id)).copied().unwrap_or(0).max(0);
    for at in 0..rows.len() {
        let row = &rows[at];
        let covered = row.on_hand.0 >= row.promised.0;
        let empty_in = minutes_left(row.on_hand.0, leaving(row)).filter(|_| open_ended || !covered);
        let fix = if covered {
            empty_in.and_then(|_| giver(rows, row, &leaving)).map(|(from, spare)| (from, spare.min(hour(leaving(row)))))
        } else {
            let found = mending.iter().find(|found| found.to == row.point_id && found.item_id == row.item_id);
            found.and_then(|found| {
                let from = rows.iter().find(|from| from.point_id == found.from)?;
                Some((from, found.quantity.0))
            })
        };
        let fix = fix.map(|(from, quantity)| Fix {
            from_point_id: from.point_id,
            from: from.point.clone(),
            quantity: Quantity(quantity),
        });
        rows[at].empty_in_minutes = empty_in;
        rows[at].fix = fix;
    }
}

/// Minutes until nothing is left; nothing when it lasts long, or when nothing leaves.
fn minutes_left(on_hand: i64, leaving: i64) -> Option<i64> {
    if leaving <= 0 || on_hand <= 0 {
        return None;
    }
    let minutes = on_hand.saturating_mul(i64::try_from(MINUTES).unwrap_or(1)) / leaving;
    (minutes <= TOLD_MINUTES).then_some(minutes)
}

/// What leaves in [`KEPT_MINUTES`].
fn hour(leaving: i64) -> i64 {
    leaving.saturating_mul(KEPT_MINUTES) / i64::try_from(MINUTES).unwrap_or(1)
}

/// The point with most of this item to spare, and how much that is.
fn giver<'a>(
    rows: &'a [StockRow],
    needy: &StockRow,
    leaving: &impl Fn(&StockRow) -> i64,
) -> Option<(&'a StockRow, i64)> {
    rows.iter()
        .filter(|row| row.item_id == needy.item_id && row.point_id != needy.point_id)
        .map(|row| (row, row.available.0 - hour(leaving(row))))
        .filter(|(_, spare)| *spare > 0)
        .max_by_key(|(_, spare)| *spare)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Enough;
    use crate::kernel::{Clock, Moment};

    struct Ward {
        points: [PointId; 3],
        rice: ItemId,
    }

    impl Ward {
        fn new() -> Self {
            let clock = Clock::fixed(Moment::from_micros(0), 1);
            Self {
                points: [PointId::new(&clock), PointId::new(&clock), PointId::new(&clock)],
                rice: ItemId::new(&clock),
            }
        }

        fn row(&self, point: usize, on_hand: i64, promised: i64) -> StockRow {
            StockRow {
                point_id: self.points[point],
                point: format!("Điểm {point}"),
                item_id: self.rice,
                item: "Gạo".into(),
                unit: "kg".into(),
                decimals: 0,
                on_hand: Quantity(on_hand),
                promised: Quantity(promised),
                available: Quantity(on_hand - promised),
                low: false,
                state: Enough::Shortage,
                empty_in_minutes: None,
                fix: None,
            }
        }
    }

    #[test]
    fn what_runs_out_is_told_with_the_transfer_that_mends_it() {
        let ward = Ward::new();
        let mut rows = vec![ward.row(0, 80, 200), ward.row(1, 500, 100), ward.row(2, 300, 0)];
        // 20 kg in ten minutes.
        let outflow = Outflow::from([((ward.points[0], ward.rice), 20)]);
        let mending =
            Suggestion { from: ward.points[1], to: ward.points[0], item_id: ward.rice, quantity: Quantity(120) };
        foresee(&mut rows, &outflow, false, &[mending]);
        assert_eq!(rows[0].empty_in_minutes, Some(40));
        let fix = rows[0].fix.clone().unwrap();
        assert_eq!((fix.from_point_id, fix.from.as_str(), fix.quantity), (ward.points[1], "Điểm 1", Quantity(120)));
        assert_eq!((rows[1].empty_in_minutes, &rows[1].fix), (None, &None));
    }

    #[test]
    fn what_suffices_for_the_vouchers_is_no_worry_however_quick_it_leaves() {
        let ward = Ward::new();
        let outflow = Outflow::from([((ward.points[0], ward.rice), 100)]);
        let mut rows = vec![ward.row(0, 100, 100)];
        foresee(&mut rows, &outflow, false, &[]);
        assert_eq!(rows[0].empty_in_minutes, None);
        foresee(&mut rows, &outflow, true, &[]);
        assert_eq!(rows[0].empty_in_minutes, Some(10), "unless vouchers of any point may come here");
    }

    #[test]
    fn where_any_point_serves_the_next_hour_comes_from_whoever_can_spare_it() {
        let ward = Ward::new();
        let mut rows = vec![ward.row(0, 10, 0), ward.row(1, 30, 0), ward.row(2, 90, 0)];
        // Half a kg a minute at both distribution points; the second one's 30 kg leave within the hour.
        let outflow = Outflow::from([((ward.points[0], ward.rice), 5), ((ward.points[1], ward.rice), 5)]);
        foresee(&mut rows, &outflow, true, &[]);
        assert_eq!(rows[0].empty_in_minutes, Some(20));
        let fix = rows[0].fix.clone().unwrap();
        assert_eq!((fix.from_point_id, fix.quantity), (ward.points[2], Quantity(30)));
    }

    #[test]
    fn what_nobody_can_spare_has_no_fix() {
        let ward = Ward::new();
        let mut rows = vec![ward.row(0, 0, 50), ward.row(1, 40, 40)];
        foresee(&mut rows, &Outflow::new(), false, &[]);
        assert_eq!((rows[0].empty_in_minutes, &rows[0].fix), (None, &None));
    }
}
