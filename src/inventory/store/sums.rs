//! The SQL that adds stock up: on hand, fit for use, promised.
//!
//! What is promised is read from the vouchers' and scans' tables, which lie above this feature: one question, asked
//! here so that stock has one answer.

use super::MAX_ROWS;
use crate::db::Conn;
use crate::kernel::ids::{ItemId, PointId};
use crate::kernel::{Day, Moment, Quantity};

/// A sum of stock.
#[derive(Debug, sqlx::FromRow)]
pub struct OnHand {
    /// Where; nothing: at any point of a round.
    pub point_id: Option<PointId>,
    /// The item.
    pub item_id: ItemId,
    /// How much.
    pub quantity: Quantity,
}

/// What is on hand now, per point and item.
pub async fn on_hand(
    conn: &mut Conn,
    point_id: Option<PointId>,
    item_id: Option<ItemId>,
) -> Result<Vec<OnHand>, sqlx::Error> {
    conn.sql(
        "select point_id, item_id, cast(sum(quantity) as bigint) as quantity from stock_levels
         where (point_id = $1 or $1 is null) and (item_id = $2 or $2 is null)
         group by point_id, item_id order by point_id, item_id limit $3",
    )
    .bind(point_id)
    .bind(item_id)
    .bind(MAX_ROWS)
    .all()
    .await
}

/// What was on hand before a moment, from the ledger.
pub async fn on_hand_before(
    conn: &mut Conn,
    point_id: Option<PointId>,
    item_id: Option<ItemId>,
    before: Moment,
) -> Result<Vec<OnHand>, sqlx::Error> {
    conn.sql(
        "select point_id, item_id, cast(sum(quantity) as bigint) as quantity from stock_entries
         where (point_id = $1 or $1 is null) and (item_id = $2 or $2 is null) and at < $3
         group by point_id, item_id order by point_id, item_id limit $4",
    )
    .bind(point_id)
    .bind(item_id)
    .bind(before)
    .bind(MAX_ROWS)
    .all()
    .await
}

/// What can be handed out on a day: goods that have not expired, less what was overdrawn.
pub async fn fit_on(conn: &mut Conn, point_id: Option<PointId>, day: Day) -> Result<Vec<OnHand>, sqlx::Error> {
    conn.sql(
        "select point_id, item_id, cast(sum(quantity) as bigint) as quantity from stock_levels
         where (point_id = $1 or $1 is null) and (expires_on = '' or expires_on >= $2)
         group by point_id, item_id order by point_id, item_id limit $3",
    )
    .bind(point_id)
    .bind(day)
    .bind(MAX_ROWS)
    .all()
    .await
}

/// What is promised now and not yet handed out: units of vouchers issued and not void, less units redeemed and not
/// undone, times the package's items. Closed rounds promise nothing. Vouchers for any point count at the round's point if
/// it has just one, else at none. Whoever was handed more than the voucher's units takes nothing from others.
pub async fn promised(conn: &mut Conn) -> Result<Vec<OnHand>, sqlx::Error> {
    // Two sums instead of a row for each voucher: what was issued is read from an index, and only vouchers that were
    // handed out are looked up.
    conn.sql(
        "select coalesce(x.point_id, o.point_id) as point_id, c.item_id,
             cast(sum(x.units * c.quantity) as bigint) as quantity
         from (
             select v.round_id, v.point_id, sum(v.units) as units
             from rounds r join vouchers v on v.round_id = r.id
             where r.status <> 'closed' and v.status = 'issued'
             group by v.round_id, v.point_id
             union all
             select v.round_id, v.point_id, -sum(case when h.units < v.units then h.units else v.units end)
             from (
                 select s.voucher_id, sum(s.units) as units
                 from rounds r join scans s on s.round_id = r.id
                 where r.status <> 'closed' and s.handover is not null
                     and not exists (select 1 from reversals u where u.nonce = s.nonce)
                 group by s.voucher_id
             ) h join vouchers v on v.id = h.voucher_id
             where v.status = 'issued'
             group by v.round_id, v.point_id
         ) x
         join rounds r on r.id = x.round_id
         join package_items c on c.package_id = r.package_id
         left join round_points o on x.point_id is null and o.round_id = x.round_id
             and not exists (select 1 from round_points p where p.round_id = o.round_id and p.point_id <> o.point_id)
         group by coalesce(x.point_id, o.point_id), c.item_id having sum(x.units) > 0 limit $1",
    )
    .bind(MAX_ROWS)
    .all()
    .await
}

/// The same as it was before a moment.
pub async fn promised_before(conn: &mut Conn, before: Moment) -> Result<Vec<OnHand>, sqlx::Error> {
    conn.sql(
        "select x.point_id, c.item_id, cast(sum(x.units_left * c.quantity) as bigint) as quantity
         from (
             select coalesce(v.point_id, o.point_id) as point_id, r.package_id,
                 cast(v.units - coalesce(h.units, 0) as bigint) as units_left
             from vouchers v
             join rounds r on r.id = v.round_id
             left join (
                 select s.voucher_id, sum(s.units) as units from scans s
                 where s.handover is not null and s.received_at < $1
                     and not exists (select 1 from reversals u where u.nonce = s.nonce and u.at < $1)
                 group by s.voucher_id
             ) h on h.voucher_id = v.id
             left join round_points o on v.point_id is null and o.round_id = v.round_id
                 and not exists (select 1 from round_points p where p.round_id = o.round_id and p.point_id <> o.point_id)
             where v.issued_at < $1 and (v.voided_at is null or v.voided_at >= $1) and r.status <> 'closed'
         ) x
         join package_items c on c.package_id = x.package_id
         where x.units_left > 0
         group by x.point_id, c.item_id limit $2",
    )
    .bind(before)
    .bind(MAX_ROWS)
    .all()
    .await
}
