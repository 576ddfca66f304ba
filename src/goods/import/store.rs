//! The SQL of imported lists of donors.

use serde::Serialize;
use uuid::Uuid;

use crate::db::{Conn, Tx};
use crate::goods::DonationId;
use crate::kernel::{Day, Moment};

/// An uploaded list as it is stored.
#[derive(Clone, sqlx::FromRow)]
pub struct Import {
    /// Its id.
    pub id: Uuid,
    /// The file's name.
    pub file_name: String,
    /// SHA-256 of the file.
    pub file_hash: Vec<u8>,
    /// The clerk's choices, JSON.
    pub options: String,
    /// The read rows, sealed.
    pub staged: Option<Vec<u8>>,
    /// Rows by status, JSON.
    pub totals: String,
    /// Who uploaded it.
    pub created_by: Option<Uuid>,
    /// When.
    pub created_at: Moment,
    /// When it was committed.
    pub committed_at: Option<Moment>,
}

/// Stores an uploaded list.
pub async fn insert(tx: &mut Tx, import: &Import) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into imports (id, kind, file_name, file_hash, options, staged, totals, created_by, created_at)
         values ($1, 'donations', $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(import.id)
    .bind(import.file_name.clone())
    .bind(import.file_hash.clone())
    .bind(import.options.clone())
    .bind(import.staged.clone())
    .bind(import.totals.clone())
    .bind(import.created_by)
    .bind(import.created_at)
    .execute()
    .await
}

/// One uploaded list.
pub async fn import(conn: &mut Conn, id: Uuid) -> Result<Option<Import>, sqlx::Error> {
    conn.sql(
        "select id, file_name, file_hash, options, staged, totals, created_by, created_at, committed_at
         from imports where id = $1 and kind = 'donations'",
    )
    .bind(id)
    .optional()
    .await
}

/// When the same file came before, and when that was committed; a committed one first.
pub async fn same_file(conn: &mut Conn, import: &Import) -> Result<Option<(Moment, Option<Moment>)>, sqlx::Error> {
    conn.sql(
        "select created_at, committed_at from imports
         where kind = 'donations' and file_hash = $1 and id <> $2 and created_at <= $3
         order by case when committed_at is null then 1 else 0 end, created_at desc limit 1",
    )
    .bind(import.file_hash.clone())
    .bind(import.id)
    .bind(import.created_at)
    .optional()
    .await
}

/// Locks every list of donors that is not committed until the transaction ends: commits go one after another, so that
/// the second of two equal lists sees the first one's donations and knows its rows for duplicates.
pub async fn lock_imports(tx: &mut Tx) -> Result<(), sqlx::Error> {
    let _: Vec<(Uuid,)> = tx
        .sql("select id from imports where kind = 'donations' and committed_at is null order by id {for update}")
        .all()
        .await?;
    Ok(())
}

/// Takes the right to commit a list: true for exactly one caller, however many try.
pub async fn take(tx: &mut Tx, id: Uuid, by: Uuid, at: Moment) -> Result<bool, sqlx::Error> {
    let taken = tx
        .sql("update imports set committed_at = $2, committed_by = $3 where id = $1 and committed_at is null")
        .bind(id)
        .bind(at)
        .bind(by)
        .execute()
        .await?;
    Ok(taken == 1)
}

/// A donor of a list and a day on which the list says they gave.
#[derive(Debug, PartialEq, Eq, Hash, Serialize)]
pub struct DonorDay {
    /// Key of the donor's name.
    pub name_key: String,
    /// The day; nothing: any.
    pub received_on: Option<Day>,
}

/// A line of a stored donation, as a list's rows are compared with it.
#[derive(Debug, sqlx::FromRow)]
pub struct StoredLine {
    /// The donation.
    pub id: DonationId,
    /// Key of the donor's name.
    pub name_key: String,
    /// When it was received.
    pub received_on: Day,
    /// `goods`, `packages` or `cash`.
    pub kind: String,
    /// Key of the item's name, for goods.
    pub item_key: Option<String>,
    /// Key of the item's unit, for goods.
    pub unit_key: Option<String>,
    /// Decimals of the item's unit, for goods.
    pub decimals: Option<i64>,
    /// Smallest units, or packages; 0 for cash.
    pub quantity: i64,
    /// Đồng.
    pub value: i64,
}

/// The stored donations of donors and days, line by line, a donation's lines together.
pub async fn donations_of(conn: &mut Conn, donors: &[DonorDay]) -> Result<Vec<StoredLine>, sqlx::Error> {
    conn.sql(
        "select d.id, o.name_key, d.received_on, l.kind, i.name_key as item_key, i.unit_key, i.decimals, l.quantity,
             l.value
         from donors o join donations d on d.donor_id = o.id join donation_lines l on l.donation_id = d.id
             left join items i on i.id = l.item_id
         where exists (select 1 from rows($1: name_key text, received_on text) as r
             where r.name_key = o.name_key and (r.received_on is null or r.received_on = d.received_on))
         order by d.id, l.position",
    )
    .bind_rows(donors)
    .all()
    .await
}
