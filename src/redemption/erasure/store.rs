//! The SQL of taking a household's people out of scans and conflicts, and a volunteer out of what a phone left.

use serde::Serialize;
use uuid::Uuid;

use crate::db::{Bytes, Conn, Tx};
use crate::kernel::ERASED_TEXT;
use crate::kernel::ids::{DeviceId, HouseholdId};

/// The vouchers of a household and of those merged into it.
pub async fn vouchers(conn: &mut Conn, id: HouseholdId) -> Result<Vec<Uuid>, sqlx::Error> {
    let rows: Vec<(Uuid,)> = conn
        .sql(
            "select v.id from vouchers v join households h on h.id = v.household_id
             where h.id = $1 or h.merged_into = $1 order by v.id",
        )
        .bind(id)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

#[derive(Serialize)]
struct VoucherRow {
    id: Uuid,
}

/// Takes who collected and why a rule was overridden out of the scans of these vouchers; that somebody else collected
/// stays. So do the reasons of their reversals and conflicts.
pub async fn empty_texts(tx: &mut Tx, vouchers: &[Uuid]) -> Result<u64, sqlx::Error> {
    let rows: Vec<VoucherRow> = vouchers.iter().map(|id| VoucherRow { id: *id }).collect();
    let scans = tx
        .sql(
            "update scans set
                 collector_name = case when collector_name is null then null else $2 end,
                 collector_relation = case when collector_relation is null then null else '' end,
                 override_reason = case when override_reason is null then null else $2 end
             where voucher_id in (select r.id from rows($1: id uuid) as r)
                 and (collector_name is not null or collector_relation is not null or override_reason is not null)",
        )
        .bind_rows(&rows)
        .bind(ERASED_TEXT.to_owned())
        .execute()
        .await?;
    let reversals = tx
        .sql(
            "update reversals set reason = $2
             where nonce in (
                 select s.nonce from rows($1: id uuid) as r join scans s on s.voucher_id = r.id)",
        )
        .bind_rows(&rows)
        .bind(ERASED_TEXT.to_owned())
        .execute()
        .await?;
    let conflicts = tx
        .sql(
            "update conflicts set reason = $2
             where reason is not null and voucher_id in (select r.id from rows($1: id uuid) as r)",
        )
        .bind_rows(&rows)
        .bind(ERASED_TEXT.to_owned())
        .execute()
        .await?;
    Ok(scans + reversals + conflicts)
}

/// What explains the refusals of void vouchers: it repeats why they were voided.
pub async fn void_details(tx: &mut Tx, vouchers: &[Uuid]) -> Result<Vec<(Uuid, String)>, sqlx::Error> {
    let rows: Vec<VoucherRow> = vouchers.iter().map(|id| VoucherRow { id: *id }).collect();
    tx.sql(
        "select s.nonce, s.detail from rows($1: id uuid) as r join scans s on s.voucher_id = r.id
         where s.outcome = 'void' order by s.nonce",
    )
    .bind_rows(&rows)
    .all()
    .await
}

/// A scan with what explains it.
#[derive(Serialize)]
pub struct Explained {
    pub nonce: Uuid,
    pub detail: String,
}

/// Writes what explains scans anew.
pub async fn explain(tx: &mut Tx, scans: &[Explained]) -> Result<u64, sqlx::Error> {
    tx.sql("update scans set detail = r.detail from rows($1: nonce uuid, detail text) as r where scans.nonce = r.nonce")
        .bind_rows(scans)
        .execute()
        .await
}

/// The sealed records in quarantine of these vouchers.
pub async fn quarantined(tx: &mut Tx, vouchers: &[Uuid]) -> Result<Vec<(Uuid, Vec<u8>)>, sqlx::Error> {
    let rows: Vec<VoucherRow> = vouchers.iter().map(|id| VoucherRow { id: *id }).collect();
    tx.sql(
        "select q.nonce, q.record from rows($1: id uuid) as r join quarantined_records q on q.voucher_id = r.id
         order by q.nonce",
    )
    .bind_rows(&rows)
    .all()
    .await
}

/// A record under a new seal.
#[derive(Serialize)]
pub struct Resealed {
    pub nonce: Uuid,
    pub record: Bytes,
}

/// Puts records in the place of others.
pub async fn replace_records(tx: &mut Tx, records: &[Resealed]) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update quarantined_records set record = r.record from rows($1: nonce uuid, record bytea) as r
         where quarantined_records.nonce = r.nonce",
    )
    .bind_rows(records)
    .execute()
    .await
}

/// What a phone's desk was called, in scans, leases and records.
pub async fn desks(conn: &mut Conn, id: DeviceId) -> Result<Vec<String>, sqlx::Error> {
    let rows: Vec<(String,)> = conn
        .sql(
            "select desk from scans where device_id = $1
             union select desk from leases where device_id = $1
             union select desk from quarantined_records where device_id = $1",
        )
        .bind(id)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(desk,)| desk).collect())
}

/// Calls a phone's desk otherwise.
pub async fn rename_desk(tx: &mut Tx, id: DeviceId, from: &str, to: &str) -> Result<(), sqlx::Error> {
    tx.sql("update scans set desk = $3 where device_id = $1 and desk = $2")
        .bind(id)
        .bind(from.to_owned())
        .bind(to.to_owned())
        .execute()
        .await?;
    tx.sql("update leases set desk = $3 where device_id = $1 and desk = $2")
        .bind(id)
        .bind(from.to_owned())
        .bind(to.to_owned())
        .execute()
        .await?;
    tx.sql("update quarantined_records set desk = $3 where device_id = $1 and desk = $2")
        .bind(id)
        .bind(from.to_owned())
        .bind(to.to_owned())
        .execute()
        .await?;
    Ok(())
}

/// What explains refusals by the name of the phone that held the voucher. Read whole, and rarely: nobody looks scans up by it.
pub async fn held(tx: &mut Tx) -> Result<Vec<(Uuid, String)>, sqlx::Error> {
    tx.sql("select nonce, detail from scans where outcome = 'leased_elsewhere' order by nonce").all().await
}

/// Takes the reasons out of what was released and settled of a phone.
pub async fn empty_reasons(tx: &mut Tx, id: DeviceId) -> Result<(), sqlx::Error> {
    tx.sql("update leases set release_reason = $2 where device_id = $1 and release_reason is not null")
        .bind(id)
        .bind(ERASED_TEXT.to_owned())
        .execute()
        .await?;
    tx.sql("update conflicts set reason = $2 where device_id = $1 and reason is not null")
        .bind(id)
        .bind(ERASED_TEXT.to_owned())
        .execute()
        .await?;
    Ok(())
}
