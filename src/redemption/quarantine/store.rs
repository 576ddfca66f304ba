//! The SQL of records in quarantine.

use serde::Serialize;
use uuid::Uuid;

use super::record::{QuarantinedView, Record};
use crate::db::{Bytes, Conn, Tx, id_rows};
use crate::kernel::Moment;
use crate::kernel::ids::{ConflictId, DeviceId};
use crate::redemption::admission::rules::Doubt;

/// The open conflict under which a phone's records wait; its row is locked.
pub async fn open_conflict(tx: &mut Tx, device_id: DeviceId) -> Result<Option<ConflictId>, sqlx::Error> {
    let found: Option<(ConflictId,)> = tx
        .sql(
            "select id from conflicts where kind = 'quarantined' and device_id = $1 and resolved_at is null
             order by id limit 1 {for update}",
        )
        .bind(device_id)
        .optional()
        .await?;
    Ok(found.map(|(id,)| id))
}

#[derive(Serialize)]
struct NewRow {
    nonce: Uuid,
    point_id: Uuid,
    voucher_id: Uuid,
    desk: String,
    units: i64,
    scanned_at: i64,
    why: Doubt,
    record: Bytes,
}

/// Keeps records under their phone's conflict; one that is there already stays as it is.
pub async fn insert(
    tx: &mut Tx,
    conflict_id: ConflictId,
    device_id: DeviceId,
    records: Vec<Record>,
    now: Moment,
) -> Result<u64, sqlx::Error> {
    let rows: Vec<NewRow> = records
        .into_iter()
        .map(|record| NewRow {
            nonce: record.nonce,
            point_id: record.point_id.0,
            voucher_id: record.voucher_id,
            desk: record.desk,
            units: record.units,
            scanned_at: record.scanned_at.micros(),
            why: record.doubt,
            record: Bytes(record.sealed),
        })
        .collect();
    tx.sql(
        "insert into quarantined_records (nonce, conflict_id, device_id, point_id, voucher_id, desk, units, scanned_at, received_at,
             why, record)
         select r.nonce, $1, $2, r.point_id, r.voucher_id, r.desk, r.units, r.scanned_at, $3, r.why, r.record
         from rows($4: nonce uuid, point_id uuid, voucher_id uuid, desk text, units bigint, scanned_at bigint, why text, record bytea) as r
         where true
         on conflict (nonce) do nothing",
    )
    .bind(conflict_id)
    .bind(device_id)
    .bind(now)
    .bind_rows(&rows)
    .execute()
    .await
}

/// How many records of a phone wait.
pub async fn waiting(conn: &mut Conn, device_id: DeviceId) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) = conn
        .sql("select count(*) from quarantined_records where device_id = $1 and accepted is null")
        .bind(device_id)
        .one()
        .await?;
    Ok(count)
}

/// The open conflict under which a phone's records wait, and how many they are.
pub async fn waiting_under(conn: &mut Conn, device_id: DeviceId) -> Result<Option<(ConflictId, i64)>, sqlx::Error> {
    conn.sql(
        "select c.id, count(*) as waiting from conflicts c join quarantined_records q on q.conflict_id = c.id
         where c.kind = 'quarantined' and c.device_id = $1 and c.resolved_at is null
         group by c.id order by c.id limit 1",
    )
    .bind(device_id)
    .optional()
    .await
}

/// The records of a conflict, in the order of the phone's clock.
pub async fn of_conflict(conn: &mut Conn, id: ConflictId) -> Result<Vec<QuarantinedView>, sqlx::Error> {
    conn.sql(
        "select q.nonce, q.voucher_id, v.serial, rd.name as round, h.head_name, coalesce(p.name, '') as point, q.desk,
             q.units, q.scanned_at, q.received_at, q.why, q.accepted
         from quarantined_records q
         join vouchers v on v.id = q.voucher_id join rounds rd on rd.id = v.round_id
         join households h on h.id = v.household_id
         left join points p on p.id = q.point_id
         where q.conflict_id = $1 order by q.scanned_at, q.nonce limit 1000",
    )
    .bind(id)
    .all()
    .await
}

/// The sealed records of a conflict that wait, oldest first.
pub async fn sealed_of(conn: &mut Conn, id: ConflictId) -> Result<Vec<(Uuid, Vec<u8>)>, sqlx::Error> {
    conn.sql(
        "select nonce, record from quarantined_records where conflict_id = $1 and accepted is null
         order by scanned_at, nonce",
    )
    .bind(id)
    .all()
    .await
}

/// Notes what became of a conflict's records: those named were accepted, the others not.
pub async fn decide(tx: &mut Tx, id: ConflictId, accepted: &[Uuid]) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update quarantined_records set accepted = (nonce in (select r.id from rows($2: id uuid) as r))
         where conflict_id = $1 and accepted is null",
    )
    .bind(id)
    .bind_rows(&id_rows(accepted))
    .execute()
    .await
}

/// Every record that is kept, sealed. Of one that was settled long ago nothing is.
pub async fn sealed(tx: &mut Tx) -> Result<Vec<(Uuid, Vec<u8>)>, sqlx::Error> {
    tx.sql("select nonce, record from quarantined_records where length(record) > 0").all().await
}

/// Puts a record under another seal.
pub async fn replace_sealed(tx: &mut Tx, nonce: Uuid, sealed: Vec<u8>) -> Result<u64, sqlx::Error> {
    tx.sql("update quarantined_records set record = $2 where nonce = $1").bind(nonce).bind(sealed).execute().await
}
