//! The SQL of phones' chains.

use serde::Serialize;
use uuid::Uuid;

use super::rules::{Known, Link, advanced};
use crate::db::{Bytes, Conn, Tx};
use crate::kernel::Moment;
use crate::kernel::ids::DeviceId;

#[derive(Serialize)]
struct Place {
    sequence: i64,
}

/// How far the phone's records are here without a gap; its chain is locked until the transaction ends.
pub async fn lock(tx: &mut Tx, device_id: DeviceId) -> Result<i64, sqlx::Error> {
    tx.sql("insert into device_chains (device_id, sequence) values ($1, 0) on conflict (device_id) do nothing")
        .bind(device_id)
        .execute()
        .await?;
    let (sequence,): (i64,) =
        tx.sql("select sequence from device_chains where device_id = $1 {for update}").bind(device_id).one().await?;
    Ok(sequence)
}

/// The hashes that are here at the places of these links and right before them.
pub async fn known(conn: &mut Conn, device_id: DeviceId, links: &[Link]) -> Result<Known, sqlx::Error> {
    let places: Vec<Place> =
        links.iter().flat_map(|link| [link.sequence - 1, link.sequence]).map(|sequence| Place { sequence }).collect();
    let rows: Vec<(i64, Vec<u8>)> = conn
        .sql(
            "select c.sequence, c.record_hash from chain_records c
             where c.device_id = $1 and c.sequence in (select r.sequence from rows($2: sequence bigint) as r)",
        )
        .bind(device_id)
        .bind_rows(&places)
        .all()
        .await?;
    let mut known = Known::new();
    for (sequence, hash) in rows {
        known.entry(sequence).or_default().insert(hash);
    }
    Ok(known)
}

/// Keeps links.
pub async fn insert(tx: &mut Tx, device_id: DeviceId, links: &[Link], now: Moment) -> Result<u64, sqlx::Error> {
    #[derive(Serialize)]
    struct Row {
        sequence: i64,
        record_hash: Bytes,
        nonce: Uuid,
    }
    let rows: Vec<Row> = links
        .iter()
        .map(|link| Row { sequence: link.sequence, record_hash: Bytes(link.hash.clone()), nonce: link.nonce })
        .collect();
    tx.sql(
        "insert into chain_records (device_id, sequence, record_hash, nonce, received_at)
         select $1, r.sequence, r.record_hash, r.nonce, $2
         from rows($3: sequence bigint, record_hash bytea, nonce uuid) as r where true
         on conflict (device_id, sequence, record_hash) do nothing",
    )
    .bind(device_id)
    .bind(now)
    .bind_rows(&rows)
    .execute()
    .await
}

/// Keeps the places of items that could not be read, as the phone's closing report tells of them.
pub async fn insert_unreadable(
    tx: &mut Tx,
    device_id: DeviceId,
    sequences: &[i64],
    now: Moment,
) -> Result<u64, sqlx::Error> {
    let rows: Vec<Place> = sequences.iter().map(|sequence| Place { sequence: *sequence }).collect();
    tx.sql(
        "insert into chain_records (device_id, sequence, record_hash, received_at)
         select $1, r.sequence, $2, $3 from rows($4: sequence bigint) as r
         where not exists (select 1 from chain_records c where c.device_id = $1 and c.sequence = r.sequence)
         on conflict (device_id, sequence, record_hash) do nothing",
    )
    .bind(device_id)
    .bind(Vec::<u8>::new())
    .bind(now)
    .bind_rows(&rows)
    .execute()
    .await
}

/// The places after `after` at which something is here, in order; at most 100,000.
pub async fn sequences_after(conn: &mut Conn, device_id: DeviceId, after: i64) -> Result<Vec<i64>, sqlx::Error> {
    let rows: Vec<(i64,)> = conn
        .sql(
            "select distinct sequence from chain_records where device_id = $1 and sequence > $2
             order by sequence limit 100000",
        )
        .bind(device_id)
        .bind(after)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(sequence,)| sequence).collect())
}

/// Moves the head of a locked chain over what came; where it is now.
pub async fn advance(tx: &mut Tx, device_id: DeviceId, head: i64) -> Result<i64, sqlx::Error> {
    let now_at = advanced(head, sequences_after(tx, device_id, head).await?);
    if now_at > head {
        tx.sql("update device_chains set sequence = $2 where device_id = $1")
            .bind(device_id)
            .bind(now_at)
            .execute()
            .await?;
    }
    Ok(now_at)
}

/// The highest place at which a record is here; 0 when there is none.
pub async fn last(conn: &mut Conn, device_id: DeviceId) -> Result<i64, sqlx::Error> {
    let (last,): (i64,) = conn
        .sql("select coalesce(max(sequence), 0) from chain_records where device_id = $1")
        .bind(device_id)
        .one()
        .await?;
    Ok(last)
}

/// The first place at which two different records are here.
pub async fn forked(conn: &mut Conn, device_id: DeviceId) -> Result<Option<i64>, sqlx::Error> {
    let (first,): (Option<i64>,) = conn
        .sql(
            "select min(f.sequence) from (
                 select sequence from chain_records where device_id = $1 and length(record_hash) > 0
                 group by sequence having count(*) > 1) f",
        )
        .bind(device_id)
        .one()
        .await?;
    Ok(first)
}

/// The hashes at one place.
pub async fn hashes_at(conn: &mut Conn, device_id: DeviceId, sequence: i64) -> Result<Vec<Vec<u8>>, sqlx::Error> {
    let rows: Vec<(Vec<u8>,)> = conn
        .sql("select record_hash from chain_records where device_id = $1 and sequence = $2 limit 100")
        .bind(device_id)
        .bind(sequence)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(hash,)| hash).collect())
}

/// Whether an open conflict marks the phone's chain.
pub async fn is_marked(conn: &mut Conn, device_id: DeviceId) -> Result<bool, sqlx::Error> {
    let found: Option<(Uuid,)> = conn
        .sql("select id from conflicts where kind = 'chain_broken' and device_id = $1 and resolved_at is null limit 1")
        .bind(device_id)
        .optional()
        .await?;
    Ok(found.is_some())
}

/// The nonce, when a scan is kept under it.
pub async fn kept_under(conn: &mut Conn, nonce: Uuid) -> Result<Option<Uuid>, sqlx::Error> {
    let found: Option<(Uuid,)> = conn.sql("select nonce from scans where nonce = $1").bind(nonce).optional().await?;
    Ok(found.map(|(nonce,)| nonce))
}
