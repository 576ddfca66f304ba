//! The SQL of the audit chain.

use serde_json::Value;
use uuid::Uuid;

use crate::db::{Conn, JsonText, Tx};
use crate::kernel::Moment;
use crate::people::audit_entry::{ActorKind, Entry};

/// The end of the chain.
#[derive(Debug, sqlx::FromRow)]
pub struct Head {
    /// The last entry's place; 0 when there is none.
    pub seq: i64,
    /// The last entry's hash; empty when there is none.
    pub hash: Vec<u8>,
    /// What binds this end; nothing before there were keys.
    pub mac: Option<Vec<u8>>,
    /// The first entry of the newest key.
    pub newest_key: Option<i64>,
}

/// A key of the log.
#[derive(Debug, sqlx::FromRow)]
pub struct StoredKey {
    /// The entry that it begins at.
    pub from_seq: i64,
    pub sealed: Vec<u8>,
}

/// An entry's place, moment and hash.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Place {
    pub seq: i64,
    pub at: Moment,
    pub hash: Vec<u8>,
}

/// An entry with its stored hash.
#[derive(Debug, sqlx::FromRow)]
pub struct Chained {
    #[sqlx(flatten)]
    pub entry: Entry,
    pub hash: Vec<u8>,
}

/// An entry with its actor's name.
#[derive(Debug, sqlx::FromRow)]
pub struct Named {
    /// Place in the chain, from 1.
    pub seq: i64,
    pub at: Moment,
    pub actor_kind: ActorKind,
    /// The user or device.
    pub actor_id: Option<Uuid>,
    /// The verb.
    pub action: String,
    /// The noun.
    pub record_kind: String,
    pub record_id: Option<Uuid>,
    pub detail: JsonText<Value>,
    /// The user's or the device's name.
    pub actor_name: Option<String>,
    pub actor_full_name: Option<String>,
}

impl Named {
    /// What screens call who acted: the name of who has the login, with the login.
    pub fn actor(&self) -> Option<String> {
        let name = self.actor_name.as_deref()?;
        Some(match &self.actor_full_name {
            Some(full_name) => format!("{full_name} ({name})"),
            None => name.to_owned(),
        })
    }
}

/// Which entries are asked for; nothing: all.
#[derive(Debug, Default)]
pub struct Filter {
    /// Acts of one user or device.
    pub actor_id: Option<Uuid>,
    /// Acts on one record.
    pub record_id: Option<Uuid>,
    /// Acts of one kind.
    pub action: Option<String>,
    /// From this moment on.
    pub from: Option<Moment>,
    /// Before this moment.
    pub to: Option<Moment>,
}

/// The end of the chain, locked.
pub async fn lock_head(tx: &mut Tx) -> Result<Head, sqlx::Error> {
    tx.sql(
        "select seq, hash, mac, (select max(k.from_seq) from audit_keys k) as newest_key from audit_head
         where id = 1 {for update}",
    )
    .one()
    .await
}

/// The end of the chain.
pub async fn head(conn: &mut Conn) -> Result<Head, sqlx::Error> {
    conn.sql(
        "select seq, hash, mac, (select max(k.from_seq) from audit_keys k) as newest_key from audit_head where id = 1",
    )
    .one()
    .await
}

/// Stores an entry as the end of the chain.
pub async fn append(tx: &mut Tx, entry: Entry, hash: Vec<u8>, mac: Option<Vec<u8>>) -> Result<(), sqlx::Error> {
    tx.sql(
        "insert into audit_entries (seq, at, actor_kind, actor_id, action, record_kind, record_id, detail, hash)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(entry.seq)
    .bind(entry.at)
    .bind(entry.actor_kind)
    .bind(entry.actor_id)
    .bind(entry.action)
    .bind(entry.record_kind)
    .bind(entry.record_id)
    .bind(entry.detail)
    .bind(hash.clone())
    .execute()
    .await?;
    put_head(tx, entry.seq, hash, mac).await
}

/// Moves the end of the chain.
pub async fn put_head(tx: &mut Tx, seq: i64, hash: Vec<u8>, mac: Option<Vec<u8>>) -> Result<(), sqlx::Error> {
    tx.sql("update audit_head set seq = $1, hash = $2, mac = $3 where id = 1")
        .bind(seq)
        .bind(hash)
        .bind(mac)
        .execute()
        .await?;
    Ok(())
}

/// The log's keys.
pub async fn keys(conn: &mut Conn) -> Result<Vec<StoredKey>, sqlx::Error> {
    conn.sql("select from_seq, sealed from audit_keys order by from_seq").all().await
}

/// Stores a key.
pub async fn insert_key(tx: &mut Tx, from_seq: i64, now: Moment, sealed: Vec<u8>) -> Result<u64, sqlx::Error> {
    tx.sql("insert into audit_keys (from_seq, made_at, sealed) values ($1, $2, $3)")
        .bind(from_seq)
        .bind(now)
        .bind(sealed)
        .execute()
        .await
}

/// Puts a key under another seal.
pub async fn reseal_key(tx: &mut Tx, from_seq: i64, sealed: Vec<u8>) -> Result<u64, sqlx::Error> {
    tx.sql("update audit_keys set sealed = $2 where from_seq = $1").bind(from_seq).bind(sealed).execute().await
}

/// An entry's place.
pub async fn place(conn: &mut Conn, seq: i64) -> Result<Option<Place>, sqlx::Error> {
    conn.sql("select seq, at, hash from audit_entries where seq = $1").bind(seq).optional().await
}

/// The last entry's place.
pub async fn last_place(conn: &mut Conn) -> Result<Option<Place>, sqlx::Error> {
    conn.sql("select seq, at, hash from audit_entries order by seq desc limit 1").optional().await
}

/// The next thousand entries with their hashes.
pub async fn chained_after(conn: &mut Conn, seq: i64) -> Result<Vec<Chained>, sqlx::Error> {
    conn.sql(
        "select seq, at, actor_kind, actor_id, action, record_kind, record_id, detail, hash
         from audit_entries where seq > $1 order by seq limit 1000",
    )
    .bind(seq)
    .all()
    .await
}

/// When something was last done of this kind, by whomever.
pub async fn last_of(conn: &mut Conn, action: &'static str) -> Result<Option<Moment>, sqlx::Error> {
    let (at,): (Option<Moment>,) =
        conn.sql("select max(at) from audit_entries where action = $1").bind(action).one().await?;
    Ok(at)
}

/// When the log began.
pub async fn first_at(conn: &mut Conn) -> Result<Option<Moment>, sqlx::Error> {
    let row: Option<(Moment,)> = conn.sql("select at from audit_entries order by seq limit 1").optional().await?;
    Ok(row.map(|(at,)| at))
}

/// Entries before `before`, newest first, with their actors' names.
pub async fn entries(conn: &mut Conn, filter: Filter, before: i64, limit: i64) -> Result<Vec<Named>, sqlx::Error> {
    conn.sql(
        "select e.seq, e.at, e.actor_kind, e.actor_id, e.action, e.record_kind, e.record_id, e.detail,
                coalesce(u.username, d.name) as actor_name, u.full_name as actor_full_name
         from audit_entries e
         left join users u on e.actor_kind = 'user' and u.id = e.actor_id
         left join devices d on e.actor_kind = 'device' and d.id = e.actor_id
         where e.seq < $1
           and (e.actor_id = $2 or cast($2 as uuid) is null)
           and (e.record_id = $3 or cast($3 as uuid) is null)
           and (e.action = $4 or cast($4 as text) is null)
           and (e.at >= $5 or cast($5 as bigint) is null)
           and (e.at < $6 or cast($6 as bigint) is null)
         order by e.seq desc limit $7",
    )
    .bind(before)
    .bind(filter.actor_id)
    .bind(filter.record_id)
    .bind(filter.action)
    .bind(filter.from)
    .bind(filter.to)
    .bind(limit)
    .all()
    .await
}

/// What was done to a record and who looked at it, newest first: entries about it alone, looks at many that name it,
/// and exports since it was made, which may hold it.
pub async fn about(
    conn: &mut Conn,
    record_kind: &'static str,
    record_id: Uuid,
    since: Moment,
    limit: i64,
) -> Result<Vec<Named>, sqlx::Error> {
    conn.sql(
        "select e.seq, e.at, e.actor_kind, e.actor_id, e.action, e.record_kind, e.record_id, e.detail,
                coalesce(u.username, d.name) as actor_name, u.full_name as actor_full_name
         from (
             select one.* from audit_entries one where one.record_id = $1
             union all
             select many.* from audit_entries many
             where many.record_id is null and many.record_kind = $2
                 and ((many.action = 'read_personal' and many.detail like $3)
                     or (many.action = 'export' and many.at >= $4))
         ) e
         left join users u on e.actor_kind = 'user' and u.id = e.actor_id
         left join devices d on e.actor_kind = 'device' and d.id = e.actor_id
         order by e.seq desc limit $5",
    )
    .bind(record_id)
    .bind(record_kind)
    .bind(format!("%{record_id}%"))
    .bind(since)
    .bind(limit)
    .all()
    .await
}
