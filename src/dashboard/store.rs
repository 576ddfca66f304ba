//! The SQL of the overview: every statement answers for all points at once.

use crate::db::Conn;
use crate::goods::PackageId;
use crate::kernel::Moment;
use crate::places::PointId;
use crate::vouchers::RoundId;

/// Rounds that are shown at most.
const ROUNDS_MAX: i64 = 50;
/// Microseconds of a minute.
pub const MINUTE_MICROS: i64 = 60_000_000;

/// A point's name.
pub async fn point_names(conn: &mut Conn) -> Result<Vec<(PointId, String)>, sqlx::Error> {
    conn.sql("select id, name from points order by kind, number limit 70000").all().await
}

/// A round that is shown.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ShownRound {
    /// Which.
    pub id: RoundId,
    /// Its name.
    pub name: String,
    /// Its package.
    pub package_id: PackageId,
    /// When it begins.
    pub starts_at: Moment,
    /// The first moment after it.
    pub ends_at: Moment,
    /// Its stored status.
    pub status: String,
}

/// Rounds that are not closed and end after a moment, those that begin first in front.
pub async fn rounds(conn: &mut Conn, ends_after: Moment) -> Result<Vec<ShownRound>, sqlx::Error> {
    conn.sql(
        "select id, name, package_id, starts_at, ends_at, status from rounds
         where status <> 'closed' and ends_at > $1 order by starts_at, number limit $2",
    )
    .bind(ends_after)
    .bind(ROUNDS_MAX)
    .all()
    .await
}

/// Vouchers of the shown rounds by round and point: vouchers, those that received something, their units, and units
/// that left.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Issued {
    /// The round.
    pub round_id: RoundId,
    /// The vouchers' point; nothing: any of the round's.
    pub point_id: Option<PointId>,
    /// Vouchers that are not void.
    pub vouchers: i64,
    /// Of these, vouchers that received something.
    pub served: i64,
    /// Units that are still to come.
    pub waiting: i64,
}

/// See [`Issued`].
pub async fn issued(conn: &mut Conn, ends_after: Moment) -> Result<Vec<Issued>, sqlx::Error> {
    conn.sql(
        "select x.round_id, x.point_id, count(*) as vouchers,
             cast(coalesce(sum(case when x.got > 0 then 1 else 0 end), 0) as bigint) as served,
             cast(coalesce(sum(case when x.units > x.got then x.units - x.got else 0 end), 0) as bigint) as waiting
         from (
             select v.round_id, v.point_id, v.units, cast(coalesce(h.units, 0) as bigint) as got
             from vouchers v join rounds r on r.id = v.round_id
             left join (
                 select s.voucher_id, sum(s.units) as units from scans s
                 where s.handover is not null and not exists (select 1 from reversals u where u.nonce = s.nonce)
                 group by s.voucher_id
             ) h on h.voucher_id = v.id
             where v.status = 'issued' and r.status <> 'closed' and r.ends_at > $1
         ) x
         group by x.round_id, x.point_id order by x.round_id, x.point_id",
    )
    .bind(ends_after)
    .all()
    .await
}

/// Units that left in one minute: round, point, the minute since the epoch, units.
pub type Minute = (RoundId, PointId, i64, i64);

/// The flow of the shown rounds since a moment.
pub async fn minutes(conn: &mut Conn, since: Moment) -> Result<Vec<Minute>, sqlx::Error> {
    conn.sql(
        "select s.round_id, s.point_id, s.received_at / $2 as minute, cast(sum(s.units) as bigint) as units
         from scans s
         where s.received_at >= $1 and s.handover is not null and s.round_id is not null
             and not exists (select 1 from reversals u where u.nonce = s.nonce)
         group by s.round_id, s.point_id, s.received_at / $2",
    )
    .bind(since)
    .bind(MINUTE_MICROS)
    .all()
    .await
}

/// Open conflicts by the point where the goods left.
pub async fn open_conflicts(conn: &mut Conn) -> Result<Vec<(Option<PointId>, i64)>, sqlx::Error> {
    conn.sql(
        "select s.point_id, count(*) as conflicts from conflicts c
         left join scans s on s.nonce = coalesce(c.other_nonce, c.winner_nonce)
         where c.resolved_at is null group by s.point_id",
    )
    .all()
    .await
}
