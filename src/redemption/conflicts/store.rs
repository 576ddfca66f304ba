//! The SQL of conflicts.

use serde::Serialize;
use uuid::Uuid;

use super::new::{ConflictDetail, NewConflict};
use super::view::{ConflictPhone, ConflictView, HandoverView};
use crate::db::{Conn, JsonText, Tx};
use crate::http::Cursor;
use crate::kernel::ids::{ConflictId, DeviceId, PointId, UserId};
use crate::kernel::{Moment, Within};
use crate::people::Device;
use crate::redemption::outcome::Outcome;
use crate::redemption::quarantine;
use crate::redemption::rules::ConflictKind;
use crate::redemption::scan::{Collector, Source};

#[derive(Serialize)]
struct NewRow {
    id: ConflictId,
    kind: ConflictKind,
    voucher_id: Option<Uuid>,
    winner_nonce: Option<Uuid>,
    other_nonce: Option<Uuid>,
    device_id: Option<DeviceId>,
    detail: String,
    created_at: i64,
}

/// Notes a conflict.
pub async fn insert(tx: &mut Tx, conflict: &NewConflict) -> Result<(), sqlx::Error> {
    insert_all(tx, std::slice::from_ref(conflict)).await
}

/// Notes conflicts, all at once: a long upload may bring hundreds.
pub async fn insert_all(tx: &mut Tx, conflicts: &[NewConflict]) -> Result<(), sqlx::Error> {
    if conflicts.is_empty() {
        return Ok(());
    }
    let row = |conflict: &NewConflict| NewRow {
        id: conflict.id,
        kind: conflict.kind,
        voucher_id: conflict.voucher_id,
        winner_nonce: conflict.winner_nonce,
        other_nonce: conflict.other_nonce,
        device_id: conflict.device_id,
        detail: serde_json::to_string(&conflict.detail).expect("names and numbers are JSON"),
        created_at: conflict.at.micros(),
    };
    let rows: Vec<NewRow> = conflicts.iter().map(row).collect();
    tx.sql(
        "insert into conflicts (id, kind, voucher_id, winner_nonce, other_nonce, device_id, detail, created_at)
         select r.id, r.kind, r.voucher_id, r.winner_nonce, r.other_nonce, r.device_id, r.detail, r.created_at
         from rows($1: id uuid, kind text, voucher_id uuid, winner_nonce uuid, other_nonce uuid, device_id uuid,
             detail text, created_at bigint) as r",
    )
    .bind_rows(&rows)
    .execute()
    .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Row {
    id: ConflictId,
    kind: ConflictKind,
    voucher_id: Option<Uuid>,
    serial: Option<i64>,
    detail: JsonText<ConflictDetail>,
    winner_nonce: Option<Uuid>,
    other_nonce: Option<Uuid>,
    device_id: Option<DeviceId>,
    device: Option<String>,
    volunteer: Option<String>,
    created_at: Moment,
    resolution: Option<String>,
    reason: Option<String>,
    resolved_at: Option<Moment>,
}

/// The points that a conflict is about: of its handovers, or of its phone where there are none; and of the records that
/// would be booked there.
pub async fn points_of(conn: &mut Conn, id: ConflictId) -> Result<Vec<PointId>, sqlx::Error> {
    let rows: Vec<(PointId,)> = conn
        .sql(
            "select s.point_id from conflicts c join scans s on s.nonce in (c.winner_nonce, c.other_nonce) where c.id = $1
             union
             select p.point_id from conflicts c join device_points p on p.device_id = c.device_id
             where c.id = $1 and c.winner_nonce is null and c.other_nonce is null
             union
             select q.point_id from quarantined_records q where q.conflict_id = $1",
        )
        .bind(id)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// A page of conflicts that are about one of these points, newest last; only open ones, or all.
pub async fn page(
    conn: &mut Conn,
    points: &Within<PointId>,
    open_only: bool,
    cursor: Cursor,
) -> Result<Vec<ConflictView>, sqlx::Error> {
    let rows: Vec<Row> = conn
        .sql(
            "select c.id, c.kind, c.voucher_id, v.serial, c.detail, c.winner_nonce, c.other_nonce, c.device_id,
                 d.name as device, d.volunteer, c.created_at, c.resolution, c.reason, c.resolved_at
             from conflicts c left join vouchers v on v.id = c.voucher_id left join devices d on d.id = c.device_id
             where c.id > $1 and (c.resolved_at is null or not $2)
                 and ($4 or exists (select 1 from scans s where s.nonce in (c.winner_nonce, c.other_nonce)
                         and {in $4: s.point_id})
                     or (c.winner_nonce is null and c.other_nonce is null and exists (
                         select 1 from device_points p where p.device_id = c.device_id and {in $4: p.point_id})))
             order by c.id limit $3",
        )
        .bind(cursor.after)
        .bind(open_only)
        .bind(cursor.fetch)
        .within(points)
        .all()
        .await?;
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        views.push(view(conn, row).await?);
    }
    Ok(views)
}

/// One conflict that is about one of these points: of its handovers, or of its phone where there are none; or of a record
/// that would be booked there.
pub async fn one(
    conn: &mut Conn,
    points: &Within<PointId>,
    id: ConflictId,
) -> Result<Option<ConflictView>, sqlx::Error> {
    let row: Option<Row> = conn
        .sql(
            "select c.id, c.kind, c.voucher_id, v.serial, c.detail, c.winner_nonce, c.other_nonce, c.device_id,
                 d.name as device, d.volunteer, c.created_at, c.resolution, c.reason, c.resolved_at
             from conflicts c left join vouchers v on v.id = c.voucher_id left join devices d on d.id = c.device_id
             where c.id = $1
                 and ($2 or exists (select 1 from scans s where s.nonce in (c.winner_nonce, c.other_nonce)
                         and {in $2: s.point_id})
                     or (c.winner_nonce is null and c.other_nonce is null and exists (
                         select 1 from device_points p where p.device_id = c.device_id and {in $2: p.point_id}))
                     or exists (select 1 from quarantined_records q where q.conflict_id = c.id and {in $2: q.point_id}))",
        )
        .bind(id)
        .within(points)
        .optional()
        .await?;
    match row {
        Some(row) => view(conn, row).await.map(Some),
        None => Ok(None),
    }
}

async fn view(conn: &mut Conn, row: Row) -> Result<ConflictView, sqlx::Error> {
    Ok(ConflictView {
        id: row.id,
        voucher_id: row.voucher_id,
        serial: row.serial,
        against: row.detail.0.against().to_vec(),
        chain: row.detail.0.chain(),
        device: row.device_id.map(|id| ConflictPhone {
            id,
            name: row.device.unwrap_or_default(),
            volunteer: row.volunteer.unwrap_or_default(),
        }),
        winner: handover(conn, row.winner_nonce).await?,
        other: handover(conn, row.other_nonce).await?,
        records: if row.kind == ConflictKind::Quarantined {
            quarantine::store::of_conflict(conn, row.id).await?
        } else {
            Vec::new()
        },
        kind: row.kind,
        created_at: row.created_at,
        resolution: row.resolution,
        reason: row.reason,
        resolved_at: row.resolved_at,
    })
}

#[derive(sqlx::FromRow)]
struct HandoverRow {
    nonce: Uuid,
    outcome: Outcome,
    source: Source,
    scanned_at: Moment,
    received_at: Moment,
    point: String,
    desk: String,
    by: String,
    device: Option<String>,
    device_id: Option<DeviceId>,
    collector_name: Option<String>,
    collector_relation: Option<String>,
    units: i64,
    lease_epoch: Option<i64>,
    flags: JsonText<Vec<String>>,
    reversed: bool,
}

async fn handover(conn: &mut Conn, nonce: Option<Uuid>) -> Result<Option<HandoverView>, sqlx::Error> {
    let Some(nonce) = nonce else { return Ok(None) };
    let row: Option<HandoverRow> = conn
        .sql(
            "select s.nonce, s.outcome, s.source, s.scanned_at, s.received_at, p.name as point, s.desk,
                 coalesce(nullif(d.volunteer, ''), u.full_name, u.username, '') as by, d.name as device, s.device_id,
                 s.collector_name, s.collector_relation, s.units, s.lease_epoch, s.flags,
                 z.nonce is not null as reversed
             from scans s join points p on p.id = s.point_id left join devices d on d.id = s.device_id
             left join users u on u.id = s.user_id left join reversals z on z.nonce = s.nonce
             where s.nonce = $1",
        )
        .bind(nonce)
        .optional()
        .await?;
    Ok(row.map(|row| HandoverView {
        nonce: row.nonce,
        outcome: row.outcome,
        source: row.source,
        scanned_at: row.scanned_at,
        received_at: row.received_at,
        point: row.point,
        desk: row.desk,
        by: row.by,
        device: row.device,
        device_id: row.device_id,
        proxy: row.collector_name.is_some(),
        collector: row
            .collector_name
            .filter(|name| !name.is_empty())
            .map(|name| Collector { name, relation: row.collector_relation.unwrap_or_default() }),
        units: row.units,
        lease_epoch: row.lease_epoch,
        flags: row.flags.0,
        reversed: row.reversed,
    }))
}

/// The phone whose records wait under an open conflict; nothing when it is of another kind, or settled.
pub async fn quarantined_device(conn: &mut Conn, id: ConflictId) -> Result<Option<Device>, sqlx::Error> {
    let found: Option<(DeviceId,)> = conn
        .sql("select device_id from conflicts where id = $1 and kind = 'quarantined' and resolved_at is null")
        .bind(id)
        .optional()
        .await?;
    match found {
        Some((device_id,)) => crate::people::store::device(conn, device_id).await,
        None => Ok(None),
    }
}

/// Settles an open conflict; false when it was settled before.
pub async fn resolve(
    tx: &mut Tx,
    id: ConflictId,
    resolution: &str,
    reason: &str,
    user_id: UserId,
    now: Moment,
) -> Result<bool, sqlx::Error> {
    let changed = tx
        .sql(
            "update conflicts set resolution = $2, reason = $3, resolved_by = $4, resolved_at = $5
             where id = $1 and resolved_at is null",
        )
        .bind(id)
        .bind(resolution.to_owned())
        .bind(reason.to_owned())
        .bind(user_id)
        .bind(now)
        .execute()
        .await?;
    Ok(changed == 1)
}
