//! The SQL of uploaded lists.

use serde::Serialize;
use uuid::Uuid;

use super::decision::KeptDecision;
use crate::db::{Conn, JsonText, Tx, id_rows};
use crate::imports::kind::Kind;
use crate::kernel::Moment;
use crate::kernel::ids::{ImportId, UserId};
use crate::spreadsheet::Totals;

/// An uploaded list as it is stored.
#[derive(sqlx::FromRow)]
pub struct StagedList {
    pub id: ImportId,
    pub kind: Kind,
    pub file_name: String,
    /// SHA-256 of the file.
    pub file_hash: Vec<u8>,
    /// The clerk's choices, JSON.
    pub options: String,
    /// The read rows, sealed; gone some days after the upload.
    pub staged: Option<Vec<u8>>,
    /// Rows by status, as they were kept last.
    pub totals: JsonText<Totals>,
    /// Who uploaded it.
    pub created_by: Option<Uuid>,
    /// When.
    pub created_at: Moment,
    /// When it was committed.
    pub committed_at: Option<Moment>,
    /// What the commit did, JSON.
    pub counts: Option<String>,
    /// When it was taken back.
    pub undone_at: Option<Moment>,
}

/// Stores an uploaded list with its sealed rows.
pub async fn insert(tx: &mut Tx, list: &StagedList, sealed: Vec<u8>) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into imports (id, kind, file_name, file_hash, options, staged, totals, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(list.id)
    .bind(list.kind)
    .bind(list.file_name.clone())
    .bind(list.file_hash.clone())
    .bind(list.options.clone())
    .bind(sealed)
    .bind(list.totals)
    .bind(list.created_by)
    .bind(list.created_at)
    .execute()
    .await
}

/// One uploaded list.
pub async fn list(conn: &mut Conn, kind: Kind, id: ImportId) -> Result<Option<StagedList>, sqlx::Error> {
    conn.sql(
        "select id, kind, file_name, file_hash, options, staged, totals, created_by, created_at, committed_at, counts,
             undone_at
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
         where kind = $1 and file_hash = $2 and id <> $3 and created_at <= $4 and undone_at is null
         order by case when committed_at is null then 1 else 0 end, created_at desc limit 1",
    )
    .bind(list.kind)
    .bind(list.file_hash.clone())
    .bind(list.id)
    .bind(list.created_at)
    .optional()
    .await
}

/// Locks every open list of a kind until the transaction ends: commits go one after another, so that the second of
/// two equal lists sees what the first one stored and knows its rows for duplicates.
pub async fn lock_open(tx: &mut Tx, kind: Kind) -> Result<(), sqlx::Error> {
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

/// Keeps the file of a list, sealed.
pub async fn keep_file(tx: &mut Tx, id: ImportId, sealed: Vec<u8>) -> Result<u64, sqlx::Error> {
    tx.sql("insert into import_files (import_id, sealed) values ($1, $2)").bind(id).bind(sealed).execute().await
}

/// The file of a list, sealed, while it is kept.
pub async fn file(conn: &mut Conn, id: ImportId) -> Result<Option<Vec<u8>>, sqlx::Error> {
    let found: Option<(Vec<u8>,)> =
        conn.sql("select sealed from import_files where import_id = $1").bind(id).optional().await?;
    Ok(found.map(|(sealed,)| sealed))
}

/// Forgets the file of a list.
pub async fn forget_file(tx: &mut Tx, id: ImportId) -> Result<u64, sqlx::Error> {
    tx.sql("delete from import_files where import_id = $1").bind(id).execute().await
}

/// Forgets what was typed and decided about a list.
pub async fn forget_steps(tx: &mut Tx, id: ImportId) -> Result<u64, sqlx::Error> {
    tx.sql("delete from import_steps where import_id = $1").bind(id).execute().await
}

/// Replaces the rows of an open list by those of another reading: true unless it was committed meanwhile.
pub async fn replace(
    tx: &mut Tx,
    id: ImportId,
    sealed: Vec<u8>,
    options: String,
    totals: JsonText<Totals>,
) -> Result<bool, sqlx::Error> {
    let replaced = tx
        .sql("update imports set staged = $2, options = $3, totals = $4 where id = $1 and committed_at is null")
        .bind(id)
        .bind(sealed)
        .bind(options)
        .bind(totals)
        .execute()
        .await?;
    Ok(replaced == 1)
}

/// Locks an open list: true unless it is committed.
pub async fn lock(tx: &mut Tx, id: ImportId) -> Result<bool, sqlx::Error> {
    let open: Option<(ImportId,)> = tx
        .sql("select id from imports where id = $1 and committed_at is null {for update}")
        .bind(id)
        .optional()
        .await?;
    Ok(open.is_some())
}

/// A step as it is stored.
#[derive(sqlx::FromRow)]
pub struct StoredStep {
    /// The sheet, from 0.
    pub sheet: i64,
    /// The row's number in the file.
    pub line: i64,
    /// What was decided.
    pub decision: Option<KeptDecision>,
    /// What was typed, sealed.
    pub corrected: Option<Vec<u8>>,
}

/// What was typed and decided about a list.
pub async fn steps(conn: &mut Conn, id: ImportId) -> Result<Vec<StoredStep>, sqlx::Error> {
    conn.sql("select sheet, line, decision, corrected from import_steps where import_id = $1 order by sheet, line")
        .bind(id)
        .all()
        .await
}

/// A decision about a row, ready for a batch.
#[derive(Serialize)]
pub struct DecisionRow {
    /// The sheet, from 0.
    pub sheet: i64,
    /// The row's number in the file.
    pub line: i64,
    /// Nothing takes the decision back.
    pub decision: Option<KeptDecision>,
}

/// Keeps a batch of decisions in place of earlier ones.
pub async fn decide(tx: &mut Tx, id: ImportId, batch: &[DecisionRow]) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into import_steps (import_id, sheet, line, decision)
         select $1, r.sheet, r.line, r.decision from rows($2: sheet bigint, line bigint, decision text) as r where true
         on conflict (import_id, sheet, line) do update set decision = excluded.decision",
    )
    .bind(id)
    .bind_rows(batch)
    .execute()
    .await
}

/// Keeps what was typed for a row in place of what was typed before.
pub async fn correct(
    tx: &mut Tx,
    id: ImportId,
    (sheet, line): (i64, i64),
    sealed: Vec<u8>,
) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into import_steps (import_id, sheet, line, corrected) values ($1, $2, $3, $4)
         on conflict (import_id, sheet, line) do update set corrected = excluded.corrected",
    )
    .bind(id)
    .bind(sheet)
    .bind(line)
    .bind(sealed)
    .execute()
    .await
}

/// Keeps what a commit did.
pub async fn keep_counts(tx: &mut Tx, id: ImportId, counts: String) -> Result<u64, sqlx::Error> {
    tx.sql("update imports set counts = $2 where id = $1").bind(id).bind(counts).execute().await
}

/// Marks a committed list as taken back: true for exactly one caller.
pub async fn undo(tx: &mut Tx, id: ImportId, by: Option<Uuid>, at: Moment) -> Result<bool, sqlx::Error> {
    let undone = tx
        .sql(
            "update imports set undone_at = $2, undone_by = $3, staged = null
             where id = $1 and committed_at is not null and undone_at is null",
        )
        .bind(id)
        .bind(at)
        .bind(by)
        .execute()
        .await?;
    Ok(undone == 1)
}

/// An uploaded list as a table shows it.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Earlier {
    /// Its id.
    pub id: ImportId,
    /// The file's name.
    pub file_name: String,
    /// When it was uploaded.
    pub created_at: Moment,
    /// Who uploaded it; nothing for the command line.
    pub created_by: Option<String>,
    /// When it was committed.
    pub committed_at: Option<Moment>,
    /// When it was taken back.
    pub undone_at: Option<Moment>,
    /// Whether its rows are still kept.
    pub kept: bool,
    /// Rows by status.
    #[serde(skip)]
    pub totals: JsonText<Totals>,
}

/// Uploaded lists of a kind, newest first; with `only_of`, those that this member of staff uploaded.
pub async fn earlier(
    conn: &mut Conn,
    kind: Kind,
    only_of: Option<Uuid>,
    limit: i64,
    offset: i64,
) -> Result<Vec<Earlier>, sqlx::Error> {
    conn.sql(
        "select i.id, i.file_name, i.created_at, coalesce(u.full_name, u.username) as created_by, i.committed_at, i.undone_at,
             i.staged is not null as kept, i.totals
         from imports i left join users u on u.id = i.created_by
         where i.kind = $1 and (i.created_by = $2 or cast($2 as uuid) is null)
         order by i.created_at desc, i.id desc limit $3 offset $4",
    )
    .bind(kind)
    .bind(only_of)
    .bind(limit)
    .bind(offset)
    .all()
    .await
}

/// Lists that somebody uploaded, that were not stored, and whose rows are kept.
pub async fn open_of(conn: &mut Conn, by: UserId) -> Result<Vec<ImportId>, sqlx::Error> {
    let rows: Vec<(ImportId,)> = conn
        .sql("select id from imports where created_by = $1 and committed_at is null and staged is not null order by id")
        .bind(by)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Gives lists to another to work on.
pub async fn hand_on(tx: &mut Tx, lists: &[ImportId], to: UserId) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update imports set created_by = $2
         where id in (select r.id from rows($1: id uuid) as r) and committed_at is null",
    )
    .bind_rows(&id_rows(lists))
    .bind(to)
    .execute()
    .await
}

/// Gives those of these lists that `from` has and nobody stored to another.
pub async fn hand_back(tx: &mut Tx, lists: &[ImportId], from: UserId, to: UserId) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update imports set created_by = $3
         where id in (select r.id from rows($1: id uuid) as r) and created_by = $2 and committed_at is null",
    )
    .bind_rows(&id_rows(lists))
    .bind(from)
    .bind(to)
    .execute()
    .await
}

/// Lists of which something is kept, locked: those that were committed before this, or those that were uploaded before it and
/// never committed.
pub async fn lock_old(tx: &mut Tx, committed: bool, before: Moment, limit: i64) -> Result<Vec<ImportId>, sqlx::Error> {
    let rows: Vec<(ImportId,)> = tx
        .sql(
            "select i.id from imports i
             where (($1 and i.committed_at < $2) or (not $1 and i.committed_at is null and i.created_at < $2))
                 and (i.staged is not null or exists (select 1 from import_files f where f.import_id = i.id)
                     or exists (select 1 from import_steps s where s.import_id = i.id))
             order by i.id limit $3 {for update of i}",
        )
        .bind(committed)
        .bind(before)
        .bind(limit)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// How many there are of these.
pub async fn old(conn: &mut Conn, committed: bool, before: Moment) -> Result<i64, sqlx::Error> {
    let (lists,): (i64,) = conn
        .sql(
            "select count(*) from imports i
             where (($1 and i.committed_at < $2) or (not $1 and i.committed_at is null and i.created_at < $2))
                 and (i.staged is not null or exists (select 1 from import_files f where f.import_id = i.id)
                     or exists (select 1 from import_steps s where s.import_id = i.id))",
        )
        .bind(committed)
        .bind(before)
        .one()
        .await?;
    Ok(lists)
}

/// Forgets the rows of a list.
pub async fn forget_rows(tx: &mut Tx, id: ImportId) -> Result<u64, sqlx::Error> {
    tx.sql("update imports set staged = null where id = $1").bind(id).execute().await
}

/// Lists whose rows are kept.
pub async fn with_staged(tx: &mut Tx) -> Result<Vec<ImportId>, sqlx::Error> {
    let rows: Vec<(ImportId,)> = tx.sql("select id from imports where staged is not null order by id").all().await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The rows of a list, sealed.
pub async fn staged(tx: &mut Tx, id: ImportId) -> Result<Option<Vec<u8>>, sqlx::Error> {
    let row: Option<(Option<Vec<u8>>,)> =
        tx.sql("select staged from imports where id = $1").bind(id).optional().await?;
    Ok(row.and_then(|(staged,)| staged))
}

/// Puts a list's rows under another seal.
pub async fn replace_staged(tx: &mut Tx, id: ImportId, sealed: Vec<u8>) -> Result<u64, sqlx::Error> {
    tx.sql("update imports set staged = $2 where id = $1").bind(id).bind(sealed).execute().await
}

/// Lists whose file is kept.
pub async fn with_file(tx: &mut Tx) -> Result<Vec<ImportId>, sqlx::Error> {
    let rows: Vec<(ImportId,)> = tx.sql("select import_id from import_files order by import_id").all().await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Puts a list's file under another seal.
pub async fn replace_file(tx: &mut Tx, id: ImportId, sealed: Vec<u8>) -> Result<u64, sqlx::Error> {
    tx.sql("update import_files set sealed = $2 where import_id = $1").bind(id).bind(sealed).execute().await
}

/// What was typed in every list: its place, and the text, sealed.
pub async fn corrected(tx: &mut Tx) -> Result<Vec<(ImportId, i64, i64, Vec<u8>)>, sqlx::Error> {
    tx.sql("select import_id, sheet, line, corrected from import_steps where corrected is not null").all().await
}

/// Puts what was typed under another seal.
pub async fn replace_corrected(
    tx: &mut Tx,
    (id, sheet, line): (ImportId, i64, i64),
    sealed: Vec<u8>,
) -> Result<u64, sqlx::Error> {
    tx.sql("update import_steps set corrected = $4 where import_id = $1 and sheet = $2 and line = $3")
        .bind(id)
        .bind(sheet)
        .bind(line)
        .bind(sealed)
        .execute()
        .await
}

/// What every list's file is called.
pub async fn file_names(tx: &mut Tx) -> Result<Vec<(ImportId, String)>, sqlx::Error> {
    tx.sql("select id, file_name from imports order by id").all().await
}

/// Calls a list's file otherwise.
pub async fn rename(tx: &mut Tx, id: ImportId, file_name: String) -> Result<u64, sqlx::Error> {
    tx.sql("update imports set file_name = $2 where id = $1").bind(id).bind(file_name).execute().await
}

/// Forgets what was typed and decided about one row.
pub async fn forget_step(tx: &mut Tx, id: ImportId, (sheet, line): (i64, i64)) -> Result<u64, sqlx::Error> {
    tx.sql("delete from import_steps where import_id = $1 and sheet = $2 and line = $3")
        .bind(id)
        .bind(sheet)
        .bind(line)
        .execute()
        .await
}
