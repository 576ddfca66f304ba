//! The SQL of who was erased, and of who is there.

use uuid::Uuid;

use crate::db::{Conn, Tx};
use crate::kernel::{Clock, Moment};
use crate::privacy::{Subject, SubjectKind};

/// Notes an erasure; the first stays.
pub async fn note(
    tx: &mut Tx,
    clock: &Clock,
    subject: Subject,
    reason: String,
    by: Option<Uuid>,
) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into erasures (id, subject_kind, subject_id, reason, erased_at, erased_by)
         values ($1, $2, $3, $4, $5, $6) on conflict (subject_kind, subject_id) do nothing",
    )
    .bind(clock.uuid())
    .bind(subject.kind)
    .bind(subject.id)
    .bind(reason)
    .bind(clock.now())
    .bind(by)
    .execute()
    .await
}

#[derive(sqlx::FromRow)]
struct Row {
    kind: SubjectKind,
    id: Uuid,
}

impl From<Row> for Subject {
    fn from(row: Row) -> Self {
        Self { kind: row.kind, id: row.id }
    }
}

/// Everybody who was erased.
pub async fn erased(conn: &mut Conn) -> Result<Vec<Subject>, sqlx::Error> {
    let rows: Vec<Row> =
        conn.sql("select subject_kind as kind, subject_id as id from erasures order by id").all().await?;
    Ok(rows.into_iter().map(Subject::from).collect())
}

/// Everybody who is there with a name.
pub async fn there(conn: &mut Conn) -> Result<Vec<Subject>, sqlx::Error> {
    let rows: Vec<Row> = conn
        .sql(
            "select 'household' as kind, id from households where status = 'active'
             union all select 'landlord' as kind, id from landlords where erased_at is null
             union all select 'donor' as kind, id from donors where erased_at is null
             union all select 'user' as kind, id from users where erased_at is null
             union all select 'device' as kind, id from devices where erased_at is null",
        )
        .all()
        .await?;
    Ok(rows.into_iter().map(Subject::from).collect())
}

/// The households that were merged into one, which are erased with it.
pub async fn merged_into(conn: &mut Conn, id: Uuid) -> Result<Vec<Uuid>, sqlx::Error> {
    let rows: Vec<(Uuid,)> =
        conn.sql("select id from households where merged_into = $1 order by id").bind(id).all().await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Whether bytes of somebody who was erased may still lie in the database's files.
pub async fn any_unscrubbed(conn: &mut Conn) -> Result<bool, sqlx::Error> {
    let (count,): (i64,) = conn.sql("select count(*) from erasures where scrubbed_at is null").one().await?;
    Ok(count > 0)
}

/// Notes that the bytes of everybody who was erased until a moment are gone.
pub async fn scrubbed(tx: &mut Tx, until: Moment, at: Moment) -> Result<u64, sqlx::Error> {
    tx.sql("update erasures set scrubbed_at = $2 where scrubbed_at is null and erased_at <= $1")
        .bind(until)
        .bind(at)
        .execute()
        .await
}
