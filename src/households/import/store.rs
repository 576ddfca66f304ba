//! The SQL of imported lists.

use serde::Serialize;

use super::areas::AreaRow;
use crate::db::{Bytes, Conn, Tx};
use crate::households::{HouseholdId, ImportId};
use crate::kernel::{Day, Moment};
use crate::people::AreaId;

/// An uploaded list as it is stored.
#[derive(sqlx::FromRow)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// The file's name.
    pub file_name: String,
    /// SHA-256 of the file.
    pub file_hash: Vec<u8>,
    /// The clerk's choices, JSON.
    pub options: String,
    /// The read rows, sealed; gone some days after the upload.
    pub staged: Option<Vec<u8>>,
    /// Counts, JSON.
    pub totals: String,
    /// Who uploaded it.
    pub created_by: Option<uuid::Uuid>,
    /// When.
    pub created_at: Moment,
    /// When it was committed.
    pub committed_at: Option<Moment>,
}

/// Stores an uploaded list.
pub async fn insert(tx: &mut Tx, import: Import) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into imports (id, kind, file_name, file_hash, options, staged, totals, created_by, created_at)
         values ($1, 'households', $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(import.id)
    .bind(import.file_name)
    .bind(import.file_hash)
    .bind(import.options)
    .bind(import.staged)
    .bind(import.totals)
    .bind(import.created_by)
    .bind(import.created_at)
    .execute()
    .await
}

/// Forgets the rows of lists uploaded before a moment: previews that nobody committed.
pub async fn forget_staged(tx: &mut Tx, before: Moment) -> Result<u64, sqlx::Error> {
    tx.sql("update imports set staged = null where staged is not null and created_at < $1").bind(before).execute().await
}

/// One uploaded list.
pub async fn import(conn: &mut Conn, id: ImportId) -> Result<Option<Import>, sqlx::Error> {
    conn.sql(
        "select id, file_name, file_hash, options, staged, totals, created_by, created_at, committed_at
         from imports where id = $1 and kind = 'households'",
    )
    .bind(id)
    .optional()
    .await
}

/// When the same file came before, and when it was committed; the committed one first.
pub async fn same_file(
    conn: &mut Conn,
    file_hash: Vec<u8>,
    own: ImportId,
    before: Moment,
) -> Result<Option<(Moment, Option<Moment>)>, sqlx::Error> {
    conn.sql(
        "select created_at, committed_at from imports
         where kind = 'households' and file_hash = $1 and id <> $2 and created_at <= $3
         order by case when committed_at is null then 1 else 0 end, created_at desc limit 1",
    )
    .bind(file_hash)
    .bind(own)
    .bind(before)
    .optional()
    .await
}

/// Locks every list of households that is not committed until the transaction ends: commits go one after another, so
/// that the second of two equal lists sees the first one's households and knows its rows for duplicates.
pub async fn lock_imports(tx: &mut Tx) -> Result<(), sqlx::Error> {
    let _: Vec<(ImportId,)> = tx
        .sql("select id from imports where kind = 'households' and committed_at is null order by id {for update}")
        .all()
        .await?;
    Ok(())
}

/// Takes the right to commit a list: true for exactly one caller, however many try.
pub async fn take(tx: &mut Tx, id: ImportId, by: Option<uuid::Uuid>, at: Moment) -> Result<bool, sqlx::Error> {
    let taken = tx
        .sql("update imports set committed_at = $2, committed_by = $3 where id = $1 and committed_at is null")
        .bind(id)
        .bind(at)
        .bind(by)
        .execute()
        .await?;
    Ok(taken == 1)
}

/// Keeps what is left to do of a committed list: its rows with errors.
pub async fn keep(tx: &mut Tx, id: ImportId, staged: Vec<u8>, totals: String) -> Result<u64, sqlx::Error> {
    tx.sql("update imports set staged = $2, totals = $3 where id = $1")
        .bind(id)
        .bind(staged)
        .bind(totals)
        .execute()
        .await
}

/// The areas that exist on a day.
pub async fn areas(conn: &mut Conn, on: Day) -> Result<Vec<AreaRow>, sqlx::Error> {
    conn.sql("select id, parent_id, name, kind from areas where ends_on is null or ends_on >= $1 order by id")
        .bind(on)
        .all()
        .await
}

/// The keys of one row, ready for a batch.
#[derive(Serialize)]
pub struct KeyRow {
    /// The row's place in the reading.
    pub n: i64,
    /// Keyed hash of the id number.
    pub citizen: Option<Bytes>,
    /// Keyed hash of the phone.
    pub phone: Option<Bytes>,
    /// The folded name.
    pub name_key: String,
    /// The folded address.
    pub address_key: String,
}

/// A stored household that is the same as a row, and what is not known of it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Same {
    /// The row's place in the reading.
    pub n: i64,
    /// The household.
    pub id: HouseholdId,
    /// Where it is.
    pub area_id: AreaId,
    /// 0: same id number; 1: same name and phone; 2: same name and address.
    pub how: i64,
    /// Whether its phone is not known.
    pub lacks_phone: i64,
    /// Whether its id number is not known.
    pub lacks_citizen: i64,
    /// Whether its year of birth is not known.
    pub lacks_year: i64,
}

/// The active households that are the same as some rows, the surest match of each row first.
pub async fn same_as(conn: &mut Conn, batch: &[KeyRow]) -> Result<Vec<Same>, sqlx::Error> {
    // `cross join` keeps SQLite from turning the join around and reading the whole registry for each batch.
    conn.sql(
        "select m.n, cast(m.how as bigint) as how, h.id, h.area_id, case when h.phone_index is null then cast(1 as bigint) else 0 end as lacks_phone,
             case when h.citizen_index is null then cast(1 as bigint) else 0 end as lacks_citizen,
             case when h.birth_year is null then cast(1 as bigint) else 0 end as lacks_year
         from (
             select r.n as n, 0 as how, a.id as id
             from rows($1: n bigint, citizen bytea, phone bytea, name_key text, address_key text) as r
                 cross join households a where a.citizen_index = r.citizen and a.status = 'active'
             union all
             select r.n, 1, b.id
             from rows($1: n bigint, citizen bytea, phone bytea, name_key text, address_key text) as r
                 cross join households b
             where b.phone_index = r.phone and b.name_key = r.name_key and r.name_key <> '' and b.status = 'active'
             union all
             select r.n, 2, c.id
             from rows($1: n bigint, citizen bytea, phone bytea, name_key text, address_key text) as r
                 cross join households c
             where c.name_key = r.name_key and c.address_key = r.address_key and r.name_key <> ''
                 and r.address_key <> '' and c.status = 'active'
         ) as m join households h on h.id = m.id
         order by m.n, m.how, h.id",
    )
    .bind_rows(batch)
    .all()
    .await
}
