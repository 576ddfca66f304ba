//! The SQL of transfers and adjustments.

use std::collections::HashMap;

use uuid::Uuid;

use crate::db::{Conn, Tx, id_rows};
use crate::http::Cursor;
use crate::inventory::adjustment::Adjustment;
use crate::inventory::lines::MovedLine;
use crate::inventory::transfer::Transfer;
use crate::kernel::Within;
use crate::kernel::ids::{AdjustmentId, PointId, TransferId};

/// Stores a transfer's head; its lines are the ledger's.
pub async fn insert_transfer(tx: &mut Tx, transfer: &Transfer) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into stock_transfers (id, number, from_point_id, to_point_id, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(transfer.id)
    .bind(transfer.number)
    .bind(transfer.from_point_id)
    .bind(transfer.to_point_id)
    .bind(transfer.created_by)
    .bind(transfer.created_at)
    .execute()
    .await
}

/// One transfer that touches one of these points.
pub async fn transfer(
    conn: &mut Conn,
    points: &Within<PointId>,
    id: TransferId,
) -> Result<Option<Transfer>, sqlx::Error> {
    let found: Option<Transfer> = conn
        .sql(
            "select id, number, from_point_id, to_point_id, created_by, created_at from stock_transfers
             where id = $1 and ({in $2: from_point_id} or {in $2: to_point_id})",
        )
        .bind(id)
        .within(points)
        .optional()
        .await?;
    Ok(with_lines(conn, found.into_iter().collect(), moved_by_transfer).await?.pop())
}

/// A page of transfers that touch one of these points.
pub async fn transfers(
    conn: &mut Conn,
    points: &Within<PointId>,
    cursor: Cursor,
) -> Result<Vec<Transfer>, sqlx::Error> {
    let found = conn
        .sql(
            "select id, number, from_point_id, to_point_id, created_by, created_at from stock_transfers
             where id > $1 and ({in $2: from_point_id} or {in $2: to_point_id})
             order by id limit $4",
        )
        .bind(cursor.after)
        .within(points)
        .bind(cursor.fetch)
        .all()
        .await?;
    with_lines(conn, found, moved_by_transfer).await
}

/// Part of a table of transfers, the newest in front: those that touch one of these points, and the one that is asked
/// for.
pub async fn newest_transfers(
    conn: &mut Conn,
    points: &Within<PointId>,
    point_id: Option<PointId>,
    (limit, offset): (i64, i64),
) -> Result<Vec<Transfer>, sqlx::Error> {
    let found = conn
        .sql(
            "select id, number, from_point_id, to_point_id, created_by, created_at from stock_transfers
             where (from_point_id = $1 or to_point_id = $1 or $1 is null)
                 and ({in $2: from_point_id} or {in $2: to_point_id})
             order by number desc limit $4 offset $5",
        )
        .bind(point_id)
        .within(points)
        .bind(limit)
        .bind(offset)
        .all()
        .await?;
    with_lines(conn, found, moved_by_transfer).await
}

fn moved_by_transfer(transfer: &mut Transfer) -> (Uuid, &mut Vec<MovedLine>) {
    (transfer.id.0, &mut transfer.lines)
}

/// Stores an adjustment's head; its lines are the ledger's.
pub async fn insert_adjustment(tx: &mut Tx, adjustment: &Adjustment) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into stock_adjustments (id, point_id, reason, note, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(adjustment.id)
    .bind(adjustment.point_id)
    .bind(adjustment.reason)
    .bind(adjustment.note.clone())
    .bind(adjustment.created_by)
    .bind(adjustment.created_at)
    .execute()
    .await
}

/// One adjustment at one of these points.
pub async fn adjustment(
    conn: &mut Conn,
    points: &Within<PointId>,
    id: AdjustmentId,
) -> Result<Option<Adjustment>, sqlx::Error> {
    let found: Option<Adjustment> = conn
        .sql(
            "select id, point_id, reason, note, created_by, created_at from stock_adjustments
             where id = $1 and {in $2: point_id}",
        )
        .bind(id)
        .within(points)
        .optional()
        .await?;
    Ok(with_lines(conn, found.into_iter().collect(), moved_by_adjustment).await?.pop())
}

/// A page of adjustments at these points.
pub async fn adjustments(
    conn: &mut Conn,
    points: &Within<PointId>,
    cursor: Cursor,
) -> Result<Vec<Adjustment>, sqlx::Error> {
    let found = conn
        .sql(
            "select id, point_id, reason, note, created_by, created_at from stock_adjustments
             where id > $1 and {in $2: point_id} order by id limit $4",
        )
        .bind(cursor.after)
        .within(points)
        .bind(cursor.fetch)
        .all()
        .await?;
    with_lines(conn, found, moved_by_adjustment).await
}

/// Part of a table of adjustments at these points, the newest in front; only at the one that is asked for.
pub async fn newest_adjustments(
    conn: &mut Conn,
    points: &Within<PointId>,
    point_id: Option<PointId>,
    (limit, offset): (i64, i64),
) -> Result<Vec<Adjustment>, sqlx::Error> {
    let found = conn
        .sql(
            "select id, point_id, reason, note, created_by, created_at from stock_adjustments
             where (point_id = $1 or $1 is null) and {in $2: point_id}
             order by id desc limit $4 offset $5",
        )
        .bind(point_id)
        .within(points)
        .bind(limit)
        .bind(offset)
        .all()
        .await?;
    with_lines(conn, found, moved_by_adjustment).await
}

fn moved_by_adjustment(adjustment: &mut Adjustment) -> (Uuid, &mut Vec<MovedLine>) {
    (adjustment.id.0, &mut adjustment.lines)
}

/// Fills in what transfers or adjustments moved, as the ledger has it. Of a transfer only what came in: the same left
/// elsewhere.
async fn with_lines<P>(
    conn: &mut Conn,
    mut papers: Vec<P>,
    moved_by: fn(&mut P) -> (Uuid, &mut Vec<MovedLine>),
) -> Result<Vec<P>, sqlx::Error> {
    let sources: Vec<Uuid> = papers.iter_mut().map(|paper| moved_by(paper).0).collect();
    let lines: Vec<MovedLine> = conn
        .sql(
            "select e.source_id, e.item_id, i.name, i.unit, i.decimals, l.expires_on, e.quantity
             from stock_entries e join items i on i.id = e.item_id join lots l on l.id = e.lot_id
             where e.source_id in (select w.id from rows($1: id uuid) as w) and e.reason <> 'redemption'
                 and (e.reason <> 'transfer' or e.quantity > 0)
             order by e.id",
        )
        .bind_rows(&id_rows(&sources))
        .all()
        .await?;
    let mut by_source: HashMap<Uuid, Vec<MovedLine>> = HashMap::new();
    for line in lines {
        by_source.entry(line.source_id).or_default().push(line);
    }
    for (source, lines) in papers.iter_mut().map(moved_by) {
        *lines = by_source.remove(&source).unwrap_or_default();
    }
    Ok(papers)
}
