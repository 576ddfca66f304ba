//! The SQL that lists the ledger's entries, the lots, and what came and went within days.
//!
//! Whose voucher an entry belongs to is read from the scans' table, which lies above this feature, so that a line of the
//! ledger leads to its paper.

use serde::Serialize;
use uuid::Uuid;

use super::MAX_ROWS;
use crate::db::{Conn, id_rows};
use crate::http::Cursor;
use crate::inventory::lot::Expiry;
use crate::inventory::reason::Reason;
use crate::kernel::ids::{ItemId, LotId, PointId};
use crate::kernel::{Day, Moment, Quantity, Within};

/// What the ledger is asked for; nothing: all.
#[derive(Clone, Copy, Debug, Default)]
pub struct EntryFilter {
    /// Only at one point.
    pub point_id: Option<PointId>,
    /// Only of one item.
    pub item_id: Option<ItemId>,
    /// Only of one donation, transfer, adjustment or redemption.
    pub source_id: Option<Uuid>,
}

/// One entry of the ledger.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct StockEntry {
    /// Its id.
    pub id: Uuid,
    /// When the goods moved.
    pub at: Moment,
    /// Where.
    pub point_id: PointId,
    /// The item.
    pub item_id: ItemId,
    /// The lot.
    pub lot_id: LotId,
    /// The lot's expiry day; empty when it has none.
    #[schema(value_type = String)]
    pub expires_on: Expiry,
    /// Whether it is the lot of what offline phones handed out beyond the stock.
    pub overdraft: bool,
    /// How much came (above zero) or went (below), in the item's smallest unit.
    pub quantity: Quantity,
    /// Why.
    pub reason: Reason,
    /// The donation, transfer, adjustment, or the redemption's nonce.
    pub source_id: Uuid,
}

/// A page of the ledger at these points, in the order it was written.
pub async fn entries(
    conn: &mut Conn,
    filter: EntryFilter,
    points: &Within<PointId>,
    cursor: Cursor,
) -> Result<Vec<StockEntry>, sqlx::Error> {
    conn.sql(
        "select e.id, e.at, e.point_id, e.item_id, e.lot_id, l.expires_on, l.overdraft, e.quantity, e.reason,
             e.source_id
         from stock_entries e join lots l on l.id = e.lot_id
         where (e.point_id = $1 or $1 is null) and (e.item_id = $2 or $2 is null)
             and (e.source_id = $3 or $3 is null) and e.id > $4
             and {in $5: e.point_id}
         order by e.id limit $7",
    )
    .bind(filter.point_id)
    .bind(filter.item_id)
    .bind(filter.source_id)
    .bind(cursor.after)
    .within(points)
    .bind(cursor.fetch)
    .all()
    .await
}

/// A lot with goods in it.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct StockLot {
    /// Where.
    pub point_id: PointId,
    /// The item.
    pub item_id: ItemId,
    /// Its name.
    #[schema(example = "Rau xanh")]
    pub name: String,
    /// Its unit.
    #[schema(example = "kg")]
    pub unit: String,
    /// Digits after the comma of `quantity`.
    #[schema(example = 3)]
    pub decimals: i64,
    /// The lot.
    pub lot_id: LotId,
    /// Its expiry day; empty when it has none.
    #[schema(value_type = String, example = "2021-08-07")]
    pub expires_on: Expiry,
    /// Whether it is the lot of what offline phones handed out beyond the stock.
    pub overdraft: bool,
    /// How much is there, in the item's smallest unit.
    pub quantity: Quantity,
}

/// Lots at these points that are not empty, those that expire first in front; only those that expire before a day when
/// one is given.
pub async fn lots(
    conn: &mut Conn,
    points: &Within<PointId>,
    point_id: Option<PointId>,
    item_id: Option<ItemId>,
    expiring_before: Option<Day>,
) -> Result<Vec<StockLot>, sqlx::Error> {
    conn.sql(
        "select l.point_id, l.item_id, i.name, i.unit, i.decimals, l.lot_id, l.expires_on, l.overdraft, l.quantity
         from stock_levels l join items i on i.id = l.item_id
         where l.quantity <> 0 and (l.point_id = $1 or $1 is null) and (l.item_id = $2 or $2 is null)
             and ((l.expires_on <> '' and l.expires_on < $3) or $3 is null) and {in $5: l.point_id}
         order by case when l.expires_on = '' then 1 else 0 end, l.expires_on, l.item_id, l.point_id limit $4",
    )
    .bind(point_id)
    .bind(item_id)
    .bind(expiring_before)
    .bind(MAX_ROWS)
    .within(points)
    .all()
    .await
}

/// Part of the ledger that a page shows; nothing: all.
#[derive(Clone, Copy, Debug, Default)]
pub struct LedgerFilter {
    /// Only at one point.
    pub point_id: Option<PointId>,
    /// Only of one item.
    pub item_id: Option<ItemId>,
    /// Only of one donation, transfer, adjustment or redemption.
    pub source_id: Option<Uuid>,
    /// Only for one reason.
    pub reason: Option<Reason>,
    /// Only at this moment or later.
    pub from: Option<Moment>,
    /// Only before this moment.
    pub before: Option<Moment>,
}

/// One line of the ledger with what its page shows.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct LedgerLine {
    pub id: Uuid,
    /// When the goods moved.
    pub at: Moment,
    pub point_id: PointId,
    pub item_id: ItemId,
    /// The item's name.
    pub name: String,
    pub unit: String,
    /// Digits after the comma of `quantity`.
    pub decimals: i64,
    /// The lot's expiry day; empty when it has none.
    pub expires_on: Expiry,
    /// How much came (above zero) or went (below).
    pub quantity: Quantity,
    /// Why.
    pub reason: Reason,
    /// The donation, transfer, adjustment, or the redemption's nonce.
    pub source_id: Uuid,
    /// The voucher of a redemption.
    pub voucher_id: Option<Uuid>,
    /// Whether it is of a donation whose list was taken back.
    pub taken_back: bool,
}

/// Part of the ledger, what was written last in front.
pub async fn ledger(
    conn: &mut Conn,
    filter: LedgerFilter,
    points: &Within<PointId>,
    (limit, offset): (i64, i64),
) -> Result<Vec<LedgerLine>, sqlx::Error> {
    // The lines before the page are only counted: nothing is looked up for them. A list that was taken back left entries
    // below zero; `<>` leads SQLite to their index.
    conn.sql(
        "select e.id, e.at, e.point_id, e.item_id, i.name, i.unit, i.decimals, l.expires_on, e.quantity, e.reason,
             e.source_id, (select h.voucher_id from all_handovers h where h.nonce = e.source_id) as voucher_id,
             e.reason = 'donation' and exists (
                 select 1 from stock_entries u
                 where u.source_id = e.source_id and u.reason = 'donation' and u.reason <> 'redemption'
                     and u.quantity < 0) as taken_back
         from (
             select x.* from stock_entries x
             where (x.point_id = $1 or $1 is null) and (x.item_id = $2 or $2 is null)
                 and (x.source_id = $3 or $3 is null) and (x.reason = $4 or $4 is null) and (x.at >= $5 or $5 is null)
                 and (x.at < $6 or $6 is null) and {in $7: x.point_id}
             order by x.id desc limit $9 offset $10
         ) e join lots l on l.id = e.lot_id join items i on i.id = e.item_id
         order by e.id desc",
    )
    .bind(filter.point_id)
    .bind(filter.item_id)
    .bind(filter.source_id)
    .bind(filter.reason)
    .bind(filter.from)
    .bind(filter.before)
    .within(points)
    .bind(limit)
    .bind(offset)
    .all()
    .await
}

/// What was on hand of one item after each of these entries, in the order the ledger was written; at one point, or at
/// all visible ones.
pub async fn balances(
    conn: &mut Conn,
    item_id: ItemId,
    point_id: Option<PointId>,
    points: &Within<PointId>,
    entries: &[Uuid],
) -> Result<Vec<(Uuid, Quantity)>, sqlx::Error> {
    conn.sql(
        "select x.id, x.balance from (
             select e.id, cast(sum(e.quantity) over (order by e.id) as bigint) as balance from stock_entries e
             where e.item_id = $1 and (e.point_id = $2 or $2 is null)
                 and {in $3: e.point_id}
         ) x where x.id in (select w.id from rows($5: id uuid) as w)",
    )
    .bind(item_id)
    .bind(point_id)
    .within(points)
    .bind_rows(&id_rows(entries))
    .all()
    .await
}

/// What came and went of one item within some days (nhập – xuất – tồn). Opening + came - went = closing.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Turnover {
    /// The item.
    pub item_id: ItemId,
    /// Its name.
    #[schema(example = "Gạo")]
    pub name: String,
    /// Its unit.
    #[schema(example = "kg")]
    pub unit: String,
    /// Digits after the comma of the quantities.
    #[schema(example = 3)]
    pub decimals: i64,
    /// What was there when the first day began.
    pub opening: Quantity,
    /// What was given.
    pub donated: Quantity,
    /// What came from other points; of several points together, what came to them from elsewhere.
    pub moved_in: Quantity,
    /// What was found, or otherwise added by adjustments.
    pub added: Quantity,
    /// What was handed out, less what of it was undone.
    pub handed_out: Quantity,
    /// What went to other points.
    pub moved_out: Quantity,
    /// What spoiled, was lost, or otherwise taken away by adjustments.
    pub written_off: Quantity,
    /// What was there when the last day ended.
    pub closing: Quantity,
}

/// What came and went of every item, at one point or at all visible ones together.
pub async fn turnover(
    conn: &mut Conn,
    point_id: Option<PointId>,
    points: &Within<PointId>,
    (from, before): (Moment, Moment),
) -> Result<Vec<Turnover>, sqlx::Error> {
    // Nearly every entry is read: `coalesce` keeps SQLite from looking each of them up by its moment.
    let mut rows: Vec<Turnover> = conn.sql(
        "select i.id as item_id, i.name, i.unit, i.decimals, x.opening, x.donated, x.moved_in, x.added, x.handed_out,
             x.moved_out, x.written_off, x.closing
         from (
             select e.item_id,
                 cast(coalesce(sum(case when e.at < $4 then e.quantity end), 0) as bigint) as opening,
                 cast(coalesce(sum(case when e.at >= $4 and e.reason = 'donation' then e.quantity end), 0) as bigint)
                     as donated,
                 cast(coalesce(sum(case when e.at >= $4 and e.reason = 'transfer' and e.quantity > 0
                     then e.quantity end), 0) as bigint) as moved_in,
                 cast(coalesce(sum(case when e.at >= $4 and e.quantity > 0
                     and e.reason in ('spoiled', 'counted', 'lost', 'other') then e.quantity end), 0) as bigint)
                     as added,
                 cast(coalesce(sum(case when e.at >= $4 and e.reason in ('redemption', 'reversal')
                     then -e.quantity end), 0) as bigint) as handed_out,
                 cast(coalesce(sum(case when e.at >= $4 and e.reason = 'transfer' and e.quantity < 0
                     then -e.quantity end), 0) as bigint) as moved_out,
                 cast(coalesce(sum(case when e.at >= $4 and e.quantity < 0
                     and e.reason in ('spoiled', 'counted', 'lost', 'other') then -e.quantity end), 0) as bigint)
                     as written_off,
                 cast(sum(e.quantity) as bigint) as closing
             from stock_entries e
             where coalesce(e.at, 0) < $5 and (e.point_id = $1 or $1 is null)
                 and {in $2: e.point_id}
             group by e.item_id
         ) x join items i on i.id = x.item_id
         order by i.name_key, i.id limit 5000",
    )
    .bind(point_id)
    .within(points)
    .bind(from)
    .bind(before)
    .all()
    .await?;
    if point_id.is_none() {
        // What went from one of these points to another neither came nor went.
        for row in &mut rows {
            let inner = row.moved_in.min(row.moved_out).0;
            (row.moved_in.0, row.moved_out.0) = (row.moved_in.0 - inner, row.moved_out.0 - inner);
        }
    }
    Ok(rows)
}
