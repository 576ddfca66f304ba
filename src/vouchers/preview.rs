//! What an issuing would do, told before it does: who gets a voucher, who does not and why, and whether each point has
//! the packages and the room for them.

use std::collections::HashMap;

use serde::Serialize;

use super::issuing_plan::{Plan, Skipped, Warning};
use super::store::issuing::StockRow;
use crate::kernel::ids::PointId;

/// What a point would get, and what it has for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PointPreview {
    /// The point; null: all points of the round together.
    pub point_id: Option<PointId>,
    /// Vouchers it would get.
    #[schema(example = 85)]
    pub vouchers: u64,
    /// Packages that these vouchers promise.
    #[schema(example = 85)]
    pub packages_needed: i64,
    /// Packages that its stock still makes, what earlier vouchers promise set aside.
    #[schema(example = 100)]
    pub packages_left: i64,
    /// Vouchers that its slots still take; null: it has no slots.
    pub slots_left: Option<u64>,
}

impl PointPreview {
    /// Whether what is there suffices.
    pub const fn suffices(&self) -> bool {
        self.packages_needed <= self.packages_left
    }
}

/// What an issuing would do.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct IssuePreview {
    /// Households that would get a voucher.
    #[schema(example = 170)]
    pub eligible: u64,
    /// Who would get none, and why.
    pub skipped: Vec<Skipped>,
    /// What each point would get, and has.
    pub by_point: Vec<PointPreview>,
    /// What to look after.
    pub warnings: Vec<Warning>,
}

impl IssuePreview {
    /// The preview of a plan whose vouchers are good for so many packages each.
    pub fn of(plan: Plan, units: u8) -> Self {
        let point = |(count, room): (super::issuing_plan::PointCount, &Option<u64>)| PointPreview {
            point_id: count.point_id,
            vouchers: count.issued,
            packages_needed: i64::try_from(count.issued).unwrap_or(i64::MAX).saturating_mul(i64::from(units)),
            packages_left: packages_left(&plan.stock, count.point_id),
            slots_left: *room,
        };
        let by_point: Vec<PointPreview> = plan.by_point().into_iter().zip(plan.room()).map(point).collect();
        let eligible = by_point.iter().map(|point| point.vouchers).sum();
        Self { eligible, by_point, skipped: plan.skipped, warnings: plan.warnings }
    }
}

/// Packages that what is on hand makes, less what is promised: at a point, or at all points together.
fn packages_left(stock: &[StockRow], point_id: Option<PointId>) -> i64 {
    let mut free: HashMap<uuid::Uuid, (i64, i64)> = HashMap::new();
    for row in stock.iter().filter(|row| point_id.is_none_or(|id| id == row.point_id)) {
        let sums = free.entry(row.item_id).or_insert((0, row.per_unit.max(1)));
        sums.0 = sums.0.saturating_add(row.on_hand.saturating_sub(row.promised));
    }
    free.values().map(|(free, per_unit)| (free / per_unit).max(0)).min().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(point: u128, item: u128, per_unit: i64, on_hand: i64, promised: i64) -> StockRow {
        let point_id = PointId(uuid::Uuid::from_u128(point));
        StockRow { point_id, item_id: uuid::Uuid::from_u128(item), per_unit, on_hand, promised }
    }

    #[test]
    fn the_scarcest_item_says_how_many_packages_are_left() {
        let stock = [row(1, 1, 10, 1000, 200), row(1, 2, 1, 30, 5), row(2, 1, 10, 100, 0), row(2, 2, 1, 5, 9)];
        assert_eq!(packages_left(&stock, Some(PointId(uuid::Uuid::from_u128(1)))), 25);
        assert_eq!(packages_left(&stock, Some(PointId(uuid::Uuid::from_u128(2)))), 0);
        assert_eq!(packages_left(&stock, None), 21);
        assert_eq!(packages_left(&[], None), 0);
    }
}
