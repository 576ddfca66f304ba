//! The SQL of the overview: every statement answers for all points at once.

use crate::db::Conn;
use crate::kernel::Moment;
use crate::kernel::ids::{AreaId, DeviceId, PackageId, PointId, RoundId};
use crate::redemption::Outcome;
use crate::vouchers::round::RoundStatus;

/// Rounds that are shown at most.
const ROUNDS_MAX: i64 = 50;
/// Phones that are shown at most.
const PHONES_MAX: i64 = 500;
/// Microseconds of a minute.
pub const MINUTE_MICROS: i64 = 60_000_000;

/// A point's name.
pub async fn point_names(conn: &mut Conn) -> Result<Vec<(PointId, String)>, sqlx::Error> {
    conn.sql("select id, name from points order by kind, number limit 70000").all().await
}

/// A round that is shown.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ShownRound {
    pub id: RoundId,
    pub name: String,
    pub package_id: PackageId,
    /// When it begins.
    pub starts_at: Moment,
    /// The first moment after it.
    pub ends_at: Moment,
    /// Its stored status.
    pub status: RoundStatus,
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
                 select s.voucher_id, sum(s.units) as units from handovers s
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
         from handovers s
         where s.received_at >= $1 and s.round_id is not null
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

/// A phone on duty.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Phone {
    pub id: DeviceId,
    pub name: String,
    /// When it was last heard of.
    pub last_seen_at: Moment,
    /// When it was revoked.
    pub revoked_at: Option<Moment>,
    /// Vouchers of its open leases that could still be handed out.
    pub held: i64,
    /// Records between the last that came in order and the last that came.
    pub missing: i64,
}

/// Phones that were heard of since a moment and not revoked, and all that hold vouchers: a revoked one locks them.
pub async fn phones(conn: &mut Conn, since: Moment) -> Result<Vec<Phone>, sqlx::Error> {
    conn.sql(
        "select d.id, case when d.volunteer = '' then d.name else d.name || ' · ' || d.volunteer end as name,
             d.last_seen_at, d.revoked_at, coalesce(h.held, 0) as held,
             case when r.last > coalesce(c.sequence, 0) then r.last - coalesce(c.sequence, 0) else 0 end as missing
         from devices d
         left join (
             select l.device_id, count(*) as held from leases l
             join lease_vouchers k on k.lease_id = l.id and k.ended_at is null
             join voucher_state v on v.id = k.voucher_id and v.status = 'issued'
             join rounds r on r.id = v.round_id and r.status <> 'closed'
             where l.closed_at is null and v.remaining > 0
             group by l.device_id
         ) h on h.device_id = d.id
         left join device_chains c on c.device_id = d.id
         left join (select device_id, max(sequence) as last from chain_records group by device_id) r
             on r.device_id = d.id
         where d.enrolled_at is not null and d.last_seen_at is not null
             and ((d.revoked_at is null and d.last_seen_at >= $1) or h.held > 0)
         order by d.name, d.id limit $2",
    )
    .bind(since)
    .bind(PHONES_MAX)
    .all()
    .await
}

/// The points of phones that are in use, or that were revoked and have not reported.
pub async fn phone_points(conn: &mut Conn) -> Result<Vec<(DeviceId, PointId)>, sqlx::Error> {
    conn.sql(
        "select p.device_id, p.point_id from device_points p join devices d on d.id = p.device_id
         where d.enrolled_at is not null and (d.revoked_at is null
             or exists (select 1 from leases l where l.device_id = d.id and l.closed_at is null))
         order by p.device_id, p.point_id",
    )
    .all()
    .await
}

/// Scans that were refused since a moment, by point and outcome.
pub async fn refusals(conn: &mut Conn, since: Moment) -> Result<Vec<(PointId, Outcome, i64)>, sqlx::Error> {
    conn.sql(
        "select s.point_id, s.outcome, count(*) as count from scans s
         where s.received_at >= $1 and s.handover is null
         group by s.point_id, s.outcome order by s.point_id, s.outcome",
    )
    .bind(since)
    .all()
    .await
}

/// Which steps towards a market are done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Progress {
    /// The ward is named.
    pub ward: bool,
    /// There are areas in it.
    pub areas: bool,
    /// There is a point where people can come.
    pub points: bool,
    /// Somebody besides the first administrator can log in.
    pub staff: bool,
    /// There is a household.
    pub households: bool,
    /// There is a donation.
    pub donations: bool,
    /// There is a package.
    pub packages: bool,
    /// There is a round.
    pub rounds: bool,
    /// A phone is enrolled.
    pub phones: bool,
}

/// See [`Progress`].
pub async fn progress(conn: &mut Conn) -> Result<Progress, sqlx::Error> {
    conn.sql(
        "select exists (select 1 from areas where kind = 'ward') as ward,
             exists (select 1 from areas where kind <> 'ward') as areas,
             exists (select 1 from points where kind = 'distribution' and closed_at is null) as points,
             (select count(*) from users) > 1 as staff,
             exists (select 1 from households) as households,
             exists (select 1 from donations) as donations,
             exists (select 1 from packages) as packages,
             exists (select 1 from rounds) as rounds,
             exists (select 1 from devices where enrolled_at is not null) as phones",
    )
    .one()
    .await
}

/// The ward that stands at the head of papers: its id and name.
pub async fn ward(conn: &mut Conn) -> Result<Option<(AreaId, String)>, sqlx::Error> {
    conn.sql("select id, name from areas where kind = 'ward' and ends_on is null order by created_at, id limit 1")
        .optional()
        .await
}
