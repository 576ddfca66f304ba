//! The SQL that lists the ledger's entries and the lots.

use serde::Serialize;
use uuid::Uuid;

use super::MAX_ROWS;
use crate::db::Conn;
use crate::goods::store::IdRow;
use crate::goods::{ItemId, LotId};
use crate::kernel::{Day, Moment, Quantity};
use crate::places::PointId;
use crate::web::Cursor;

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
    pub expires_on: String,
    /// Whether it is the lot of what offline phones handed out beyond the stock.
    pub overdraft: bool,
    /// How much came (above zero) or went (below), in the item's smallest unit.
    pub quantity: Quantity,
    /// Why.
    #[schema(value_type = crate::goods::stock::Reason)]
    pub reason: String,
    /// The donation, transfer, adjustment, or the redemption's nonce.
    pub source_id: Uuid,
}

/// A page of the ledger, in the order it was written. `points` limits it when it is not empty.
pub async fn entries(
    conn: &mut Conn,
    filter: EntryFilter,
    points: &[IdRow<PointId>],
    every_point: bool,
    cursor: Cursor,
) -> Result<Vec<StockEntry>, sqlx::Error> {
    conn.sql(
        "select e.id, e.at, e.point_id, e.item_id, e.lot_id, l.expires_on, l.overdraft, e.quantity, e.reason,
             e.source_id
         from stock_entries e join lots l on l.id = e.lot_id
         where (e.point_id = $1 or $1 is null) and (e.item_id = $2 or $2 is null)
             and (e.source_id = $3 or $3 is null) and e.id > $4
             and ($6 or e.point_id in (select w.id from rows($5: id uuid) as w))
         order by e.id limit $7",
    )
    .bind(filter.point_id)
    .bind(filter.item_id)
    .bind(filter.source_id)
    .bind(cursor.after)
    .bind_rows(points)
    .bind(every_point)
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
    #[schema(example = "2021-08-07")]
    pub expires_on: String,
    /// Whether it is the lot of what offline phones handed out beyond the stock.
    pub overdraft: bool,
    /// How much is there, in the item's smallest unit.
    pub quantity: Quantity,
}

/// Lots that are not empty, those that expire first in front; only those that expire before a day when one is given.
pub async fn lots(
    conn: &mut Conn,
    point_id: Option<PointId>,
    item_id: Option<ItemId>,
    expiring_before: Option<Day>,
) -> Result<Vec<StockLot>, sqlx::Error> {
    conn.sql(
        "select l.point_id, l.item_id, i.name, i.unit, i.decimals, l.lot_id, l.expires_on, l.overdraft, l.quantity
         from stock_levels l join items i on i.id = l.item_id
         where l.quantity <> 0 and (l.point_id = $1 or $1 is null) and (l.item_id = $2 or $2 is null)
             and ((l.expires_on <> '' and l.expires_on < $3) or $3 is null)
         order by case when l.expires_on = '' then 1 else 0 end, l.expires_on, l.item_id, l.point_id limit $4",
    )
    .bind(point_id)
    .bind(item_id)
    .bind(expiring_before)
    .bind(MAX_ROWS)
    .all()
    .await
}
