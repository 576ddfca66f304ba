//! The SQL of transfers and adjustments.

use uuid::Uuid;

use crate::db::{Conn, IdRow, Tx, id_rows};
use crate::http::Cursor;
use crate::inventory::lines::MovedLine;
use crate::inventory::reason::AdjustmentReason;
use crate::kernel::Moment;
use crate::kernel::ids::{AdjustmentId, PointId, TransferId, UserId};

/// A transfer's head.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct TransferRow {
    /// Its id.
    pub id: TransferId,
    /// Its number.
    pub number: i64,
    /// Where the goods left.
    pub from_point_id: PointId,
    /// Where they came.
    pub to_point_id: PointId,
    /// Who moved them.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Moment,
}

/// Stores a transfer's head.
pub async fn insert_transfer(tx: &mut Tx, row: &TransferRow) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into stock_transfers (id, number, from_point_id, to_point_id, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(row.id)
    .bind(row.number)
    .bind(row.from_point_id)
    .bind(row.to_point_id)
    .bind(row.created_by)
    .bind(row.created_at)
    .execute()
    .await
}

/// One transfer.
pub async fn transfer(conn: &mut Conn, id: TransferId) -> Result<Option<TransferRow>, sqlx::Error> {
    conn.sql("select id, number, from_point_id, to_point_id, created_by, created_at from stock_transfers where id = $1")
        .bind(id)
        .optional()
        .await
}

/// A page of transfers; those that touch a visible point.
pub async fn transfers(
    conn: &mut Conn,
    points: &[IdRow<PointId>],
    every_point: bool,
    cursor: Cursor,
) -> Result<Vec<TransferRow>, sqlx::Error> {
    conn.sql(
        "select id, number, from_point_id, to_point_id, created_by, created_at from stock_transfers
         where id > $1 and ($3 or from_point_id in (select w.id from rows($2: id uuid) as w)
             or to_point_id in (select w.id from rows($2: id uuid) as w))
         order by id limit $4",
    )
    .bind(cursor.after)
    .bind_rows(points)
    .bind(every_point)
    .bind(cursor.fetch)
    .all()
    .await
}

/// An adjustment's head.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AdjustmentRow {
    /// Its id.
    pub id: AdjustmentId,
    /// Where.
    pub point_id: PointId,
    /// Why.
    pub reason: AdjustmentReason,
    /// In words.
    pub note: String,
    /// Who.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Moment,
}

/// Stores an adjustment's head.
pub async fn insert_adjustment(tx: &mut Tx, row: &AdjustmentRow) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into stock_adjustments (id, point_id, reason, note, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(row.id)
    .bind(row.point_id)
    .bind(row.reason)
    .bind(row.note.clone())
    .bind(row.created_by)
    .bind(row.created_at)
    .execute()
    .await
}

/// One adjustment.
pub async fn adjustment(conn: &mut Conn, id: AdjustmentId) -> Result<Option<AdjustmentRow>, sqlx::Error> {
    conn.sql("select id, point_id, reason, note, created_by, created_at from stock_adjustments where id = $1")
        .bind(id)
        .optional()
        .await
}

/// A page of adjustments at visible points.
pub async fn adjustments(
    conn: &mut Conn,
    points: &[IdRow<PointId>],
    every_point: bool,
    cursor: Cursor,
) -> Result<Vec<AdjustmentRow>, sqlx::Error> {
    conn.sql(
        "select id, point_id, reason, note, created_by, created_at from stock_adjustments
         where id > $1 and ($3 or point_id in (select w.id from rows($2: id uuid) as w)) order by id limit $4",
    )
    .bind(cursor.after)
    .bind_rows(points)
    .bind(every_point)
    .bind(cursor.fetch)
    .all()
    .await
}

/// What transfers or adjustments moved. Of a transfer only what came in: the same left elsewhere.
pub async fn moved_lines(conn: &mut Conn, sources: &[Uuid]) -> Result<Vec<MovedLine>, sqlx::Error> {
    conn.sql(
        "select e.source_id, e.item_id, i.name, i.unit, i.decimals, l.expires_on, e.quantity
         from stock_entries e join items i on i.id = e.item_id join lots l on l.id = e.lot_id
         where e.source_id in (select w.id from rows($1: id uuid) as w) and e.reason <> 'redemption'
             and (e.reason <> 'transfer' or e.quantity > 0)
         order by e.id",
    )
    .bind_rows(&id_rows(sources))
    .all()
    .await
}

/// Part of a table of transfers, the newest in front: those that touch a visible point, or one point.
pub async fn newest_transfers(
    conn: &mut Conn,
    point_id: Option<PointId>,
    points: &[IdRow<PointId>],
    every_point: bool,
    (limit, offset): (i64, i64),
) -> Result<Vec<TransferRow>, sqlx::Error> {
    conn.sql(
        "select id, number, from_point_id, to_point_id, created_by, created_at from stock_transfers
         where (from_point_id = $1 or to_point_id = $1 or $1 is null)
             and ($3 or from_point_id in (select w.id from rows($2: id uuid) as w)
                 or to_point_id in (select w.id from rows($2: id uuid) as w))
         order by number desc limit $4 offset $5",
    )
    .bind(point_id)
    .bind_rows(points)
    .bind(every_point)
    .bind(limit)
    .bind(offset)
    .all()
    .await
}

/// Part of a table of adjustments at visible points, the newest in front.
pub async fn newest_adjustments(
    conn: &mut Conn,
    point_id: Option<PointId>,
    points: &[IdRow<PointId>],
    every_point: bool,
    (limit, offset): (i64, i64),
) -> Result<Vec<AdjustmentRow>, sqlx::Error> {
    conn.sql(
        "select id, point_id, reason, note, created_by, created_at from stock_adjustments
         where (point_id = $1 or $1 is null) and ($3 or point_id in (select w.id from rows($2: id uuid) as w))
         order by id desc limit $4 offset $5",
    )
    .bind(point_id)
    .bind_rows(points)
    .bind(every_point)
    .bind(limit)
    .bind(offset)
    .all()
    .await
}
