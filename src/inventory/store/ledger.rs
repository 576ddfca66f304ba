//! The SQL that locks levels, appends entries and compares both.

use std::collections::HashMap;

use serde::Serialize;
use uuid::Uuid;

use crate::db::{Conn, StatementBatch, Tx, id_rows};
use crate::inventory::lot::{Expiry, LotKey};
use crate::inventory::reason::Reason;
use crate::kernel::ids::{ItemId, LotId, PointId};
use crate::kernel::{Clock, Moment, Quantity};

/// Rows that one statement takes.
const BATCH: usize = 2000;

/// A level under lock.
#[derive(Debug, sqlx::FromRow)]
pub struct Level {
    pub point_id: PointId,
    pub item_id: ItemId,
    pub lot_id: LotId,
    /// Its expiry day; empty when it has none.
    pub expires_on: Expiry,
    /// Whether it is the lot of what was overdrawn.
    pub overdraft: bool,
    /// How much is there.
    pub quantity: Quantity,
}

/// An entry to be appended.
#[derive(Debug, Serialize)]
pub struct NewEntry {
    pub id: Uuid,
    /// When the goods moved, in microseconds.
    pub at: i64,
    pub point_id: PointId,
    pub item_id: ItemId,
    pub lot_id: LotId,
    /// How much.
    pub quantity: Quantity,
    /// Why.
    pub reason: Reason,
    /// For which record.
    pub source_id: Uuid,
}

/// A level's change.
#[derive(Clone, Debug, Serialize)]
pub struct LevelChange {
    pub point_id: PointId,
    pub item_id: ItemId,
    pub lot_id: LotId,
    /// Its expiry day; empty when it has none.
    pub expires_on: Expiry,
    /// Whether it is the lot of what was overdrawn.
    pub overdraft: bool,
    /// How much comes or goes.
    pub quantity: Quantity,
}

#[derive(Serialize)]
struct PlaceRow {
    point_id: PointId,
    item_id: ItemId,
}

#[derive(Serialize)]
struct LotRow {
    id: LotId,
    item_id: ItemId,
    expires_on: Expiry,
    overdraft: bool,
}

/// Locks the levels of items at points, in the one order that all writers keep.
pub async fn lock_levels(tx: &mut Tx, places: &[(PointId, ItemId)]) -> Result<Vec<Level>, sqlx::Error> {
    let mut places = places.to_vec();
    places.sort_unstable();
    places.dedup();
    let mut levels = Vec::new();
    for part in places.chunks(BATCH) {
        let rows: Vec<PlaceRow> =
            part.iter().map(|(point_id, item_id)| PlaceRow { point_id: *point_id, item_id: *item_id }).collect();
        let found: Vec<Level> = tx
            .sql(
                "select l.point_id, l.item_id, l.lot_id, l.expires_on, l.overdraft, l.quantity
                 from stock_levels l join rows($1: point_id uuid, item_id uuid) as w
                     on w.point_id = l.point_id and w.item_id = l.item_id
                 order by l.point_id, l.item_id, l.lot_id {for update of l}",
            )
            .bind_rows(&rows)
            .all()
            .await?;
        levels.extend(found);
    }
    Ok(levels)
}

/// The lots of items, made where they are missing. Give them sorted: others may be making the same.
pub async fn ensure_lots(
    tx: &mut Tx,
    clock: &Clock,
    wanted: &[(ItemId, LotKey)],
) -> Result<HashMap<(ItemId, LotKey), LotId>, sqlx::Error> {
    let mut lots = HashMap::new();
    for part in wanted.chunks(BATCH) {
        let rows: Vec<LotRow> = part
            .iter()
            .map(|(item_id, lot)| LotRow {
                id: LotId::new(clock),
                item_id: *item_id,
                expires_on: lot.expires_on(),
                overdraft: *lot == LotKey::Overdraft,
            })
            .collect();
        tx.sql(
            "insert into lots (id, item_id, expires_on, overdraft)
             select w.id, w.item_id, w.expires_on, w.overdraft
             from rows($1: id uuid, item_id uuid, expires_on text, overdraft boolean) as w
             where true order by w.item_id, w.expires_on, w.overdraft
             on conflict (item_id, expires_on, overdraft) do nothing",
        )
        .bind_rows(&rows)
        .execute()
        .await?;
        let found: Vec<(LotId, ItemId, Expiry, bool)> = tx
            .sql(
                "select l.id, l.item_id, l.expires_on, l.overdraft from lots l
                 join rows($1: item_id uuid, expires_on text, overdraft boolean) as w
                     on w.item_id = l.item_id and w.expires_on = l.expires_on and w.overdraft = l.overdraft",
            )
            .bind_rows(&rows)
            .all()
            .await?;
        lots.extend(
            found.into_iter().map(|(id, item_id, expires_on, overdraft)| {
                ((item_id, LotKey::from_columns(expires_on, overdraft)), id)
            }),
        );
    }
    Ok(lots)
}

/// Appends entries.
pub fn insert_entries(batch: &mut StatementBatch<'_>, entries: &[NewEntry]) -> Result<(), sqlx::Error> {
    batch.sql(
        "insert into stock_entries (id, at, point_id, item_id, lot_id, quantity, reason, source_id)
         select w.id, w.at, w.point_id, w.item_id, w.lot_id, w.quantity, w.reason, w.source_id
         from rows($1: id uuid, at bigint, point_id uuid, item_id uuid, lot_id uuid, quantity bigint, reason text,
             source_id uuid) as w",
        entries,
    )
}

/// Makes levels of zero where there are none.
pub async fn insert_levels(tx: &mut Tx, levels: &[LevelChange]) -> Result<(), sqlx::Error> {
    for part in levels.chunks(BATCH) {
        tx.sql(
            "insert into stock_levels (point_id, lot_id, item_id, expires_on, overdraft, quantity)
             select w.point_id, w.lot_id, w.item_id, w.expires_on, w.overdraft, 0
             from rows($1: point_id uuid, lot_id uuid, item_id uuid, expires_on text, overdraft boolean) as w
             where true order by w.point_id, w.item_id, w.lot_id
             on conflict (point_id, lot_id) do nothing",
        )
        .bind_rows(part)
        .execute()
        .await?;
    }
    Ok(())
}

/// Adds to levels that are there.
pub fn change_levels(batch: &mut StatementBatch<'_>, changes: &[LevelChange]) -> Result<(), sqlx::Error> {
    batch.sql(
        "update stock_levels as l set quantity = l.quantity + w.quantity
         from rows($1: point_id uuid, lot_id uuid, quantity bigint) as w
         where l.point_id = w.point_id and l.lot_id = w.lot_id and w.quantity <> 0",
        changes,
    )
}

/// What a record moved, lot by lot.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Moved {
    /// The record: a donation, transfer, adjustment, or a redemption's nonce.
    pub source_id: Uuid,
    pub point_id: PointId,
    pub item_id: ItemId,
    /// The lot's expiry day; empty when it has none.
    pub expires_on: Expiry,
    /// Whether it is the lot of what was overdrawn.
    pub overdraft: bool,
    /// How much came (above zero) or went (below).
    pub quantity: Quantity,
    pub at: Moment,
}

/// What a redemption of this nonce moved at the moment its scan was received.
pub async fn moved_by_redemption(conn: &mut Conn, nonce: Uuid, at: Moment) -> Result<Vec<Moved>, sqlx::Error> {
    conn.sql(
        "select e.source_id, e.point_id, e.item_id, l.expires_on, l.overdraft, e.quantity, e.at
         from stock_entries e join lots l on l.id = e.lot_id
         where e.at = $1 and e.source_id = $2 and e.reason = 'redemption' order by e.id",
    )
    .bind(at)
    .bind(nonce)
    .all()
    .await
}

/// What a batch of records moved for one reason, which is not redemption: to undo it, put back the same lots.
pub async fn moved_by(conn: &mut Conn, reason: Reason, sources: &[Uuid]) -> Result<Vec<Moved>, sqlx::Error> {
    conn.sql(
        "select e.source_id, e.point_id, e.item_id, l.expires_on, l.overdraft, e.quantity, e.at
         from stock_entries e join lots l on l.id = e.lot_id
         where e.reason = $1 and e.reason <> 'redemption' and e.source_id in (select w.id from rows($2: id uuid) as w)
         order by e.id",
    )
    .bind(reason)
    .bind_rows(&id_rows(sources))
    .all()
    .await
}

/// A lot at a point whose level is not what the ledger says, or is below zero without being the overdraft.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Mismatch {
    pub point_id: PointId,
    pub lot_id: LotId,
    /// The sum of its entries.
    pub ledger: Quantity,
    pub level: Quantity,
}

/// Compares ledger and levels in both directions; a thousand mismatches at most. Empty: all is well.
pub async fn mismatches(conn: &mut Conn) -> Result<Vec<Mismatch>, sqlx::Error> {
    conn.sql(
        "select x.point_id, x.lot_id, cast(sum(x.ledger) as bigint) as ledger, cast(sum(x.level) as bigint) as level
         from (
             select point_id, lot_id, quantity as ledger, cast(0 as bigint) as level from stock_entries
             union all
             select point_id, lot_id, cast(0 as bigint) as ledger, quantity as level from stock_levels
         ) x join lots l on l.id = x.lot_id
         group by x.point_id, x.lot_id, l.overdraft
         having sum(x.ledger) <> sum(x.level) or (not l.overdraft and sum(x.level) < 0)
         order by x.point_id, x.lot_id limit 1000",
    )
    .all()
    .await
}
