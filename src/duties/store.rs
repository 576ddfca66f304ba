//! The SQL of duties that were handed over.

use uuid::Uuid;

use super::hand_over::Moved;
use crate::db::{Conn, JsonText, Tx};
use crate::http::Cursor;
use crate::kernel::ids::{HandOverId, UserId};
use crate::kernel::{ERASED_TEXT, Moment};

/// Duties that were handed over, as they are stored.
#[derive(Debug, sqlx::FromRow)]
pub struct HandOverRow {
    pub id: HandOverId,
    pub from_id: UserId,
    pub to_id: UserId,
    /// What people call who left.
    pub from_name: String,
    /// What people call who took over.
    pub to_name: String,
    pub reason: String,
    pub moved: JsonText<Moved>,
    pub at: Moment,
    /// When they were handed back.
    pub undone_at: Option<Moment>,
    /// Why.
    pub undo_reason: Option<String>,
}

/// Keeps what moved.
pub async fn insert(
    tx: &mut Tx,
    id: HandOverId,
    (from, to): (UserId, UserId),
    (by, reason, moved): (UserId, String, Moved),
    at: Moment,
) -> Result<u64, sqlx::Error> {
    tx.sql("insert into hand_overs (id, from_id, to_id, reason, moved, by_id, at) values ($1, $2, $3, $4, $5, $6, $7)")
        .bind(id)
        .bind(from)
        .bind(to)
        .bind(reason)
        .bind(JsonText(moved))
        .bind(by)
        .bind(at)
        .execute()
        .await
}

/// One, locked.
pub async fn lock(tx: &mut Tx, id: HandOverId) -> Result<Option<HandOverRow>, sqlx::Error> {
    tx.sql(
        "select h.id, h.from_id, h.to_id, coalesce(f.full_name, f.username) as from_name,
             coalesce(t.full_name, t.username) as to_name, h.reason, h.moved, h.at, h.undone_at, h.undo_reason
         from hand_overs h join users f on f.id = h.from_id join users t on t.id = h.to_id
         where h.id = $1 {for update of h}",
    )
    .bind(id)
    .optional()
    .await
}

/// One.
pub async fn one(conn: &mut Conn, id: HandOverId) -> Result<Option<HandOverRow>, sqlx::Error> {
    conn.sql(
        "select h.id, h.from_id, h.to_id, coalesce(f.full_name, f.username) as from_name,
             coalesce(t.full_name, t.username) as to_name, h.reason, h.moved, h.at, h.undone_at, h.undo_reason
         from hand_overs h join users f on f.id = h.from_id join users t on t.id = h.to_id
         where h.id = $1",
    )
    .bind(id)
    .optional()
    .await
}

/// Marks one as handed back: true for exactly one caller.
pub async fn undo(tx: &mut Tx, id: HandOverId, by: UserId, reason: String, at: Moment) -> Result<bool, sqlx::Error> {
    let undone = tx
        .sql("update hand_overs set undone_at = $2, undone_by = $3, undo_reason = $4 where id = $1 and undone_at is null")
        .bind(id)
        .bind(at)
        .bind(by)
        .bind(reason)
        .execute()
        .await?;
    Ok(undone == 1)
}

/// A page of all of them.
pub async fn page(conn: &mut Conn, cursor: Cursor) -> Result<Vec<HandOverRow>, sqlx::Error> {
    conn.sql(
        "select h.id, h.from_id, h.to_id, coalesce(f.full_name, f.username) as from_name,
             coalesce(t.full_name, t.username) as to_name, h.reason, h.moved, h.at, h.undone_at, h.undo_reason
         from hand_overs h join users f on f.id = h.from_id join users t on t.id = h.to_id
         where h.id > $1 order by h.id limit $2",
    )
    .bind(cursor.after)
    .bind(cursor.fetch)
    .all()
    .await
}

/// The last ones of a login, newest first.
pub async fn of_user(conn: &mut Conn, id: UserId) -> Result<Vec<HandOverRow>, sqlx::Error> {
    conn.sql(
        "select h.id, h.from_id, h.to_id, coalesce(f.full_name, f.username) as from_name,
             coalesce(t.full_name, t.username) as to_name, h.reason, h.moved, h.at, h.undone_at, h.undo_reason
         from hand_overs h join users f on f.id = h.from_id join users t on t.id = h.to_id
         where h.from_id = $1 order by h.id desc limit 20",
    )
    .bind(id)
    .all()
    .await
}

/// Those who may take over from a login of this role: id and name.
pub async fn takers(
    conn: &mut Conn,
    id: UserId,
    role: crate::people::Role,
) -> Result<Vec<(Uuid, String)>, sqlx::Error> {
    conn.sql(
        "select id, case when full_name is null then username else full_name || ' (' || username || ')' end as name
         from users where disabled_at is null and id <> $1 and (role = $2 or role = 'admin')
         order by username limit 500",
    )
    .bind(id)
    .bind(role)
    .all()
    .await
}

/// Leaves nothing of why duties of somebody were handed over or back.
pub async fn erase_reasons(tx: &mut Tx, id: UserId) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update hand_overs set reason = $2, undo_reason = case when undo_reason is null then null else $2 end
         where from_id = $1 or to_id = $1",
    )
    .bind(id)
    .bind(ERASED_TEXT.to_owned())
    .execute()
    .await
}
