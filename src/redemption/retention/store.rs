//! The SQL of what is dropped of scans.

use uuid::Uuid;

use crate::db::{Conn, JsonText, Tx, id_rows};
use crate::kernel::{Day, Moment};
use crate::redemption::answer::Detail;

/// What explains an outcome when nothing does, as it is stored.
fn nothing() -> JsonText<Detail> {
    JsonText(Detail::default())
}

fn ids(rows: Vec<(Uuid,)>) -> Vec<Uuid> {
    rows.into_iter().map(|(id,)| id).collect()
}

/// Refused scans received before this that hold more than what was decided.
pub(super) async fn refused(conn: &mut Conn, before: Moment, limit: i64) -> Result<Vec<Uuid>, sqlx::Error> {
    conn.sql(
        "select nonce from scans
         where handover is null and received_at < $1
             and (detail <> $2 or collector_name is not null or override_reason is not null)
         order by received_at, nonce limit $3",
    )
    .bind(before)
    .bind(nothing())
    .bind(limit)
    .all()
    .await
    .map(ids)
}

/// Leaves of refused scans what was decided.
pub(super) async fn clear_refused(tx: &mut Tx, nonces: &[Uuid]) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update scans set detail = $2, collector_name = null, collector_relation = null, override_reason = null
         where nonce in (select r.id from rows($1: id uuid) as r) and handover is null",
    )
    .bind_rows(&id_rows(nonces))
    .bind(nothing())
    .execute()
    .await
}

/// Handovers with a collector's name, of campaigns that ended before this.
pub(super) async fn collected(conn: &mut Conn, before: Day, limit: i64) -> Result<Vec<Uuid>, sqlx::Error> {
    conn.sql(
        "select s.nonce from campaigns c join rounds r on r.campaign_id = c.id join scans s on s.round_id = r.id
         where c.ends_on < $1 and s.handover is not null and s.collector_name <> ''
             and not exists (
                 select 1 from conflicts x
                 where x.resolved_at is null and (x.winner_nonce = s.nonce or x.other_nonce = s.nonce))
         order by s.nonce limit $2",
    )
    .bind(before)
    .bind(limit)
    .all()
    .await
    .map(ids)
}

/// Leaves of handovers that somebody collected: an empty name is one that was dropped, none is nobody.
pub(super) async fn clear_collectors(tx: &mut Tx, nonces: &[Uuid]) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update scans set collector_name = '', collector_relation = ''
         where nonce in (select r.id from rows($1: id uuid) as r) and collector_name <> ''",
    )
    .bind_rows(&id_rows(nonces))
    .execute()
    .await
}

/// Records of revoked phones that were settled before this, with what the phone sent.
pub(super) async fn settled(conn: &mut Conn, before: Moment, limit: i64) -> Result<Vec<Uuid>, sqlx::Error> {
    conn.sql(
        "select q.nonce from conflicts c join quarantined_records q on q.conflict_id = c.id
         where c.resolved_at < $1 and q.accepted is not null and length(q.record) > 0
         order by q.nonce limit $2",
    )
    .bind(before)
    .bind(limit)
    .all()
    .await
    .map(ids)
}

/// Leaves of settled records what became of them.
pub(super) async fn clear_settled(tx: &mut Tx, nonces: &[Uuid]) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update quarantined_records set record = $2
         where nonce in (select r.id from rows($1: id uuid) as r) and accepted is not null",
    )
    .bind_rows(&id_rows(nonces))
    .bind(Vec::<u8>::new())
    .execute()
    .await
}
