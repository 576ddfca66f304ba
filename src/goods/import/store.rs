//! The SQL of imported lists of donors.

use uuid::Uuid;

use crate::db::{Conn, Tx};
use crate::kernel::Moment;

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
