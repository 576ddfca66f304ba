//! The SQL that adds stock up: on hand, fit for use, promised.
//!
//! What is promised is read from the vouchers' and scans' tables, which lie above this feature: one question, asked
//! here so that stock has one answer.

use super::MAX_ROWS;
use crate::db::Conn;
use crate::kernel::ids::{ItemId, PointId};
use crate::kernel::{Day, Moment, Quantity, Within};

/// A sum of stock.
#[derive(Debug, sqlx::FromRow)]
pub struct OnHand {
    /// Where; nothing: at any point of a round.
    pub point_id: Option<PointId>,
    pub item_id: ItemId,
    /// How much.
    pub quantity: Quantity,
}

/// What is on hand now at these points, per point and item.
pub async fn on_hand(
    conn: &mut Conn,
    points: &Within<PointId>,
    point_id: Option<PointId>,
    item_id: Option<ItemId>,
) -> Result<Vec<OnHand>, sqlx::Error> {
    conn.sql(
        "select point_id, item_id, cast(sum(quantity) as bigint) as quantity from stock_levels
         where (point_id = $1 or $1 is null) and (item_id = $2 or $2 is null) and {in $4: point_id}
         group by point_id, item_id order by point_id, item_id limit $3",
    )
    .bind(point_id)
    .bind(item_id)
    .bind(MAX_ROWS)
    .within(points)
    .all()
    .await
}

/// What was on hand at these points before a moment, from the ledger.
pub async fn on_hand_before(
    conn: &mut Conn,
    points: &Within<PointId>,
    point_id: Option<PointId>,
    item_id: Option<ItemId>,
    before: Moment,
) -> Result<Vec<OnHand>, sqlx::Error> {
    conn.sql(
        "select point_id, item_id, cast(sum(quantity) as bigint) as quantity from stock_entries
         where (point_id = $1 or $1 is null) and (item_id = $2 or $2 is null) and at < $3 and {in $5: point_id}
         group by point_id, item_id order by point_id, item_id limit $4",
    )
    .bind(point_id)
    .bind(item_id)
    .bind(before)
    .bind(MAX_ROWS)
    .within(points)
    .all()
    .await
}

/// What can be handed out at these points on a day: goods that have not expired, less what was overdrawn.
pub async fn fit_on(
    conn: &mut Conn,
    points: &Within<PointId>,
    point_id: Option<PointId>,
    day: Day,
) -> Result<Vec<OnHand>, sqlx::Error> {
    conn.sql(
        "select point_id, item_id, cast(sum(quantity) as bigint) as quantity from stock_levels
         where (point_id = $1 or $1 is null) and (expires_on = '' or expires_on >= $2) and {in $4: point_id}
         group by point_id, item_id order by point_id, item_id limit $3",
    )
    .bind(point_id)
    .bind(day)
    .bind(MAX_ROWS)
    .within(points)
    .all()
    .await
}

/// What is promised now at these points and at any, and not yet handed out. Vouchers for any point count at the round's
/// point if it has just one, else at none. Closed rounds promise nothing.
pub async fn promised(conn: &mut Conn, points: &Within<PointId>) -> Result<Vec<OnHand>, sqlx::Error> {
    conn.sql("select point_id, item_id, quantity from promised where (point_id is null or {in $2: point_id}) limit $1")
        .bind(MAX_ROWS)
        .within(points)
        .all()
        .await
}

/// The same as it was before a moment.
pub async fn promised_before(
    conn: &mut Conn,
    points: &Within<PointId>,
    before: Moment,
) -> Result<Vec<OnHand>, sqlx::Error> {
    conn.sql(
        "select x.point_id, c.item_id, cast(sum(x.units_left * c.quantity) as bigint) as quantity
         from (
             select v.point_id, v.package_id, cast(v.units - coalesce(h.units, 0) as bigint) as units_left
             from promises v
             left join (
                 select s.voucher_id, sum(s.units) as units from all_handovers s
                 where s.received_at < $1 and coalesce(s.reversed_at, $1) >= $1
                 group by s.voucher_id
             ) h on h.voucher_id = v.voucher_id
             where v.issued_at < $1 and (v.voided_at is null or v.voided_at >= $1)
                 and (v.point_id is null or {in $3: v.point_id})
         ) x
         join package_items c on c.package_id = x.package_id
         where x.units_left > 0
         group by x.point_id, c.item_id limit $2",
    )
    .bind(before)
    .bind(MAX_ROWS)
    .within(points)
    .all()
    .await
}
