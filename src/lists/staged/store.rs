//! The SQL of uploaded lists.

use uuid::Uuid;

use super::ImportId;
use crate::db::{Conn, Tx};
use crate::kernel::Moment;

/// An uploaded list as it is stored.
#[derive(sqlx::FromRow)]
pub struct StagedList {
    /// Its id.
    pub id: ImportId,
    /// What it is a list of, see [`super::Kind::name`].
    pub kind: String,
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
    pub created_by: Option<Uuid>,
    /// When.
    pub created_at: Moment,
    /// When it was committed.
    pub committed_at: Option<Moment>,
}

/// Stores an uploaded list with its sealed rows.
pub async fn insert(tx: &mut Tx, list: &StagedList, sealed: Vec<u8>) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into imports (id, kind, file_name, file_hash, options, staged, totals, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(list.id)
    .bind(list.kind.clone())
    .bind(list.file_name.clone())
    .bind(list.file_hash.clone())
    .bind(list.options.clone())
    .bind(sealed)
    .bind(list.totals.clone())
    .bind(list.created_by)
    .bind(list.created_at)
    .execute()
    .await
}

/// Forgets the rows of lists uploaded before a moment.
pub async fn forget(tx: &mut Tx, before: Moment) -> Result<u64, sqlx::Error> {
    tx.sql("update imports set staged = null where staged is not null and created_at < $1").bind(before).execute().await
}

/// One uploaded list.
pub async fn list(conn: &mut Conn, kind: &'static str, id: ImportId) -> Result<Option<StagedList>, sqlx::Error> {
    conn.sql(
        "select id, kind, file_name, file_hash, options, staged, totals, created_by, created_at, committed_at
         from imports where id = $1 and kind = $2",
    )
    .bind(id)
    .bind(kind)
    .optional()
    .await
}

/// When the same file came before, and when that was committed; a committed one first.
pub async fn same_file(conn: &mut Conn, list: &StagedList) -> Result<Option<(Moment, Option<Moment>)>, sqlx::Error> {
    conn.sql(
        "select created_at, committed_at from imports
         where kind = $1 and file_hash = $2 and id <> $3 and created_at <= $4
         order by case when committed_at is null then 1 else 0 end, created_at desc limit 1",
    )
    .bind(list.kind.clone())
    .bind(list.file_hash.clone())
    .bind(list.id)
    .bind(list.created_at)
    .optional()
    .await
}

/// Locks every open list of a kind until the transaction ends: commits go one after another, so that the second of
/// two equal lists sees what the first one stored and knows its rows for duplicates.
pub async fn lock_open(tx: &mut Tx, kind: String) -> Result<(), sqlx::Error> {
    let _: Vec<(ImportId,)> = tx
        .sql("select id from imports where kind = $1 and committed_at is null order by id {for update}")
        .bind(kind)
        .all()
        .await?;
    Ok(())
}

/// Takes the right to commit a list: true for exactly one caller.
pub async fn take(tx: &mut Tx, id: ImportId, by: Option<Uuid>, at: Moment) -> Result<bool, sqlx::Error> {
    let taken = tx
        .sql("update imports set committed_at = $2, committed_by = $3 where id = $1 and committed_at is null")
        .bind(id)
        .bind(at)
        .bind(by)
        .execute()
        .await?;
    Ok(taken == 1)
}

/// Keeps what is left to do of a committed list, or nothing, and what was done.
pub async fn keep(tx: &mut Tx, id: ImportId, staged: Option<Vec<u8>>, totals: String) -> Result<u64, sqlx::Error> {
    tx.sql("update imports set staged = $2, totals = $3 where id = $1")
        .bind(id)
        .bind(staged)
        .bind(totals)
        .execute()
        .await
}
