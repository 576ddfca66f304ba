//! The SQL of admission.

use serde::Serialize;
use uuid::Uuid;

use super::rules::Seen;
use crate::db::Conn;
use crate::kernel::Moment;
use crate::kernel::ids::DeviceId;
use crate::redemption::Presented;
use crate::redemption::scan::{Scan, fact_nonce_of};

#[derive(Serialize)]
struct Row {
    i: i64,
    nonce: Uuid,
    fact: Uuid,
    scanned_at: i64,
    round_number: Option<i64>,
    serial: Option<i64>,
    typed_code: Option<String>,
}

fn row((scan, i): (&Scan, i64)) -> Row {
    let (signed, typed) = match &scan.presented {
        Presented::Signed { round_number, serial, .. } => (Some((*round_number, *serial)), None),
        Presented::Typed(code) => (None, Some(code.clone())),
        Presented::Forged | Presented::Foreign => (None, None),
    };
    let (round_number, serial) = signed.unzip();
    let (nonce, scanned_at) = (scan.nonce, scan.scanned_at.micros());
    Row { i, nonce, fact: fact_nonce_of(nonce), scanned_at, round_number, serial, typed_code: typed }
}

/// What is known of these scans, in their order; what `device_id` held of them.
pub async fn seen(conn: &mut Conn, scans: &[Scan], device_id: Option<DeviceId>) -> Result<Vec<Seen>, sqlx::Error> {
    let rows: Vec<Row> = scans.iter().zip(0..).map(row).collect();
    conn.sql(
        "with wanted as materialized (
             select r.i, r.nonce, r.fact, r.scanned_at, coalesce(
                 (select v.id from vouchers v where v.round_number = r.round_number and v.serial = r.serial),
                 (select v.id from vouchers v where v.typed_code = r.typed_code),
                 (select p.voucher_id from replaced_papers p where p.typed_code = r.typed_code)) as voucher_id
             from rows($1: i bigint, nonce uuid, fact uuid, scanned_at bigint, round_number bigint, serial bigint, typed_code text) as r
         )
         select w.voucher_id, (select v.units from vouchers v where v.id = w.voucher_id) as units,
             case when cast($2 as uuid) is null then 0 else (
                 select cast(coalesce(sum(x.units), 0) as bigint) from handovers x
                 where x.voucher_id = w.voucher_id and x.device_id = $2) end as told,
             exists (select 1 from scans s where s.nonce = w.nonce) as stored,
             (exists (select 1 from scans s where s.nonce = w.fact)
                 or exists (select 1 from handovers s where s.nonce = w.nonce)) as booked,
             exists (select 1 from quarantined_records q where q.nonce = w.nonce) as quarantined,
             exists (
                 select 1 from lease_vouchers h
                 where h.lease_id in (select l.id from leases l where l.device_id = $2)
                   and h.voucher_id = w.voucher_id and (h.ended_at is null or h.ended_at >= w.scanned_at)) as held
         from wanted w order by w.i",
    )
    .bind_rows(&rows)
    .bind(device_id)
    .all()
    .await
}

/// How many records of a revoked phone were booked since a moment, of vouchers that it ever held.
pub async fn taken_since(conn: &mut Conn, device_id: DeviceId, since: Moment) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) = conn
        .sql(
            "select count(distinct s.nonce) from leases l
             join lease_vouchers h on h.lease_id = l.id
             join scans s on s.voucher_id = h.voucher_id
             where l.device_id = $1 and s.device_id = $1 and s.handover is not null and s.received_at >= $2",
        )
        .bind(device_id)
        .bind(since)
        .one()
        .await?;
    Ok(count)
}
