//! The SQL of leases.

use serde::Serialize;
use uuid::Uuid;

use super::lease::Lease;
use super::share::Share;
use crate::db::{Conn, Tx, id_rows};
use crate::http::Cursor;
use crate::kernel::ids::{DeviceId, LeaseId, PointId, UserId, VoucherId};
use crate::kernel::{Moment, Within};
use crate::redemption::leases::rules::LeaseState;

/// A voucher as phones name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// The round's number.
    pub round: i64,
    /// The serial in the round.
    pub serial: i64,
}

/// Takes the lock that makes leases one after the other; the highest epoch so far.
pub async fn lock_head(tx: &mut Tx) -> Result<i64, sqlx::Error> {
    let (epoch,): (i64,) = tx.sql("select epoch from lease_head where id = 1 {for update}").one().await?;
    Ok(epoch)
}

/// The phone's lease at a point, when it has one that did not end.
pub async fn open_of(conn: &mut Conn, device_id: DeviceId, point_id: PointId) -> Result<Option<Lease>, sqlx::Error> {
    conn.sql(
        "select id, epoch, device_id, point_id, desk, share_desk, share_of, taken_at, use_until, heard_at, closed_at,
             release_reason
         from leases where device_id = $1 and point_id = $2 and closed_at is null",
    )
    .bind(device_id)
    .bind(point_id)
    .optional()
    .await
}

/// A phone's own lease.
pub async fn own(conn: &mut Conn, device_id: DeviceId, id: LeaseId) -> Result<Option<Lease>, sqlx::Error> {
    conn.sql(
        "select id, epoch, device_id, point_id, desk, share_desk, share_of, taken_at, use_until, heard_at, closed_at,
             release_reason
         from leases where id = $1 and device_id = $2",
    )
    .bind(id)
    .bind(device_id)
    .optional()
    .await
}

/// A phone's own lease, locked until the transaction ends.
pub async fn lock_own(tx: &mut Tx, device_id: DeviceId, id: LeaseId) -> Result<Option<Lease>, sqlx::Error> {
    tx.sql(
        "select id, epoch, device_id, point_id, desk, share_desk, share_of, taken_at, use_until, heard_at, closed_at,
             release_reason
         from leases where id = $1 and device_id = $2 {for update}",
    )
    .bind(id)
    .bind(device_id)
    .optional()
    .await
}

/// A lease at one of these points, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, points: &Within<PointId>, id: LeaseId) -> Result<Option<Lease>, sqlx::Error> {
    tx.sql(
        "select id, epoch, device_id, point_id, desk, share_desk, share_of, taken_at, use_until, heard_at, closed_at,
             release_reason
         from leases where id = $1 and {in $2: point_id} {for update}",
    )
    .bind(id)
    .within(points)
    .optional()
    .await
}

/// Whether there is such a lease, wherever it is: told as forbidden, not as missing.
pub async fn exists(conn: &mut Conn, id: LeaseId) -> Result<bool, sqlx::Error> {
    let found: Option<(LeaseId,)> = conn.sql("select id from leases where id = $1").bind(id).optional().await?;
    Ok(found.is_some())
}

/// Stores a new lease; its epoch is the next after the locked head.
pub async fn insert(tx: &mut Tx, lease: &Lease) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into leases (id, epoch, device_id, point_id, desk, share_desk, share_of, taken_at, use_until, heard_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8)",
    )
    .bind(lease.id)
    .bind(lease.epoch)
    .bind(lease.device_id)
    .bind(lease.point_id)
    .bind(lease.desk.clone())
    .bind(lease.share_desk)
    .bind(lease.share_of)
    .bind(lease.taken_at)
    .bind(lease.use_until)
    .execute()
    .await?;
    tx.sql("update lease_head set epoch = $1 where id = 1").bind(lease.epoch).execute().await
}

/// Refreshes an open lease: where the phone works, and until when it may use it.
pub async fn refresh(tx: &mut Tx, lease: &Lease, now: Moment) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update leases set desk = $2, share_desk = $3, share_of = $4, use_until = $5, heard_at = $6
         where id = $1 and closed_at is null",
    )
    .bind(lease.id)
    .bind(lease.desk.clone())
    .bind(lease.share_desk)
    .bind(lease.share_of)
    .bind(lease.use_until)
    .bind(now)
    .execute()
    .await
}

/// Locks the vouchers of a point (or of a share) that look free, in the order of their ids as the engine does. What
/// is read after this can't change under the lease.
pub async fn lock_candidates(
    tx: &mut Tx,
    point_id: PointId,
    share: Option<Share>,
) -> Result<Vec<VoucherId>, sqlx::Error> {
    let rows: Vec<(VoucherId,)> = tx
        .sql(
            "select v.id from vouchers v join rounds r on r.id = v.round_id
         where v.point_id = $1 and r.status = 'open' and v.status = 'issued'
           and (cast($2 as bigint) is null or (v.serial - 1) % $3 + 1 = $2)
           and not exists (select 1 from lease_vouchers h where h.voucher_id = v.id and h.ended_at is null)
           and coalesce((select sum(x.units) from handovers x where x.voucher_id = v.id), 0) < v.units
         order by v.id {for update of v}",
        )
        .bind(point_id)
        .bind(share.map(|share| share.desk))
        .bind(share.map_or(1, |share| share.of))
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Puts locked candidates into a lease, those that are still free and never were of it; how many.
pub async fn join(tx: &mut Tx, id: LeaseId, candidates: &[VoucherId]) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into lease_vouchers (lease_id, voucher_id)
         select $1, v.id from rows($2: id uuid) as w
         join voucher_state v on v.id = w.id join rounds r on r.id = v.round_id
         where r.status = 'open' and v.status = 'issued'
           and not exists (select 1 from lease_vouchers h
               where h.voucher_id = v.id and (h.ended_at is null or h.lease_id = $1))
           and v.remaining > 0
         order by v.id
         on conflict do nothing",
    )
    .bind(id)
    .bind_rows(&id_rows(candidates))
    .execute()
    .await
}

/// How many vouchers that could be handed out now a lease holds, and how many of the point (or share) others hold.
pub async fn counts(conn: &mut Conn, lease: &Lease) -> Result<(i64, i64), sqlx::Error> {
    conn.sql(
        "select cast(coalesce(sum(case when h.lease_id = $1 then 1 else 0 end), 0) as bigint) as own,
             cast(coalesce(sum(case when h.lease_id <> $1
                 and (cast($3 as bigint) is null or (v.serial - 1) % $4 + 1 = $3) then 1 else 0 end), 0) as bigint)
                 as others
         from lease_vouchers h join voucher_state v on v.id = h.voucher_id join rounds r on r.id = v.round_id
         where h.ended_at is null and v.point_id = $2 and r.status = 'open' and v.status = 'issued'
           and v.remaining > 0",
    )
    .bind(lease.id)
    .bind(lease.point_id)
    .bind(lease.share_desk)
    .bind(lease.share_of.unwrap_or(1))
    .one()
    .await
}

/// Notes that a lease's phone is heard, unless that was noted after `stale`.
pub async fn heard(tx: &mut Tx, id: LeaseId, now: Moment, stale: Moment) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update leases set heard_at = $2 where id = $1 and closed_at is null and (heard_at is null or heard_at < $3)",
    )
    .bind(id)
    .bind(now)
    .bind(stale)
    .execute()
    .await
}

/// Asks a voucher's holder for it back; when the holder was last heard, never for one that was revoked: it can't answer.
/// Nothing: nobody holds it.
pub async fn recall(tx: &mut Tx, voucher_id: Uuid, now: Moment) -> Result<Option<Option<Moment>>, sqlx::Error> {
    tx.sql("update lease_vouchers set recalled_at = $2 where voucher_id = $1 and ended_at is null")
        .bind(voucher_id)
        .bind(now)
        .execute()
        .await?;
    let found: Option<(Option<Moment>,)> = tx
        .sql(
            "select case when d.revoked_at is null then l.heard_at end as heard_at
             from lease_vouchers h join leases l on l.id = h.lease_id join devices d on d.id = l.device_id
             where h.voucher_id = $1 and h.ended_at is null",
        )
        .bind(voucher_id)
        .optional()
        .await?;
    Ok(found.map(|(heard_at,)| heard_at))
}

/// What a phone is asked to give back, the oldest first; at most 200.
pub async fn recalled(conn: &mut Conn, id: LeaseId, after: Moment) -> Result<Vec<(i64, i64, Moment)>, sqlx::Error> {
    conn.sql(
        "select v.round_number, v.serial, h.recalled_at from lease_vouchers h join vouchers v on v.id = h.voucher_id
         where h.lease_id = $1 and h.ended_at is null and h.recalled_at > $2
         order by h.recalled_at, v.serial limit 200",
    )
    .bind(id)
    .bind(after)
    .all()
    .await
}

/// Ends a lease's hold on some vouchers; how many it held.
pub async fn give_back(tx: &mut Tx, id: LeaseId, vouchers: &[Named], now: Moment) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update lease_vouchers set ended_at = $2 where lease_id = $1 and ended_at is null and voucher_id in (
             select v.id from rows($3: round bigint, serial bigint) as r
             join vouchers v on v.round_number = r.round and v.serial = r.serial)",
    )
    .bind(id)
    .bind(now)
    .bind_rows(vouchers)
    .execute()
    .await
}

/// Ends the phone's own hold on a voucher whose handover was undone: the phone never hands it out again. Of several
/// units it may still hand out the others, so that only its own word ends those.
pub async fn end_after_undo(
    tx: &mut Tx,
    voucher_id: Uuid,
    device_id: DeviceId,
    now: Moment,
) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update lease_vouchers set ended_at = $3 where voucher_id = $1 and ended_at is null
         and lease_id in (select l.id from leases l where l.device_id = $2)
         and exists (select 1 from vouchers v where v.id = $1 and v.units = 1)",
    )
    .bind(voucher_id)
    .bind(device_id)
    .bind(now)
    .execute()
    .await
}

/// Ends a lease; how many vouchers it still held.
pub async fn close(
    tx: &mut Tx,
    id: LeaseId,
    now: Moment,
    released: Option<(String, UserId)>,
) -> Result<u64, sqlx::Error> {
    let (reason, by) = released.unzip();
    tx.sql(
        "update leases set closed_at = $2, release_reason = $3, released_by = $4 where id = $1 and closed_at is null",
    )
    .bind(id)
    .bind(now)
    .bind(reason)
    .bind(by)
    .execute()
    .await?;
    tx.sql("update lease_vouchers set ended_at = $2 where lease_id = $1 and ended_at is null")
        .bind(id)
        .bind(now)
        .execute()
        .await
}

/// What a phone's leases hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::FromRow, utoipa::ToSchema)]
#[schema(as = DeviceLeases)]
pub struct DeviceLeases {
    /// Vouchers that are the phone's alone.
    pub vouchers: i64,
    /// Of those, not handed out in full: nobody else may hand them out.
    pub unserved: i64,
    /// Until when the phone may use them without being heard; null when it holds none.
    pub until: Option<Moment>,
    /// When the phone was last heard in any way.
    pub last_heard: Option<Moment>,
}

impl DeviceLeases {
    /// Whether the phone may still be handing out what it holds, heard or not.
    pub fn is_in_use(&self, now: Moment) -> bool {
        self.until.is_some_and(|until| now < until)
    }
}

/// What a phone's leases hold. No row when there is no such phone.
pub async fn of_device(conn: &mut Conn, device_id: DeviceId) -> Result<Option<DeviceLeases>, sqlx::Error> {
    conn.sql(
        "select cast(coalesce(sum(held.vouchers), 0) as bigint) as vouchers,
             cast(coalesce(sum(held.unserved), 0) as bigint) as unserved,
             max(case when held.vouchers > 0 then held.use_until end) as until,
             max(case when coalesce(held.heard_at, 0) > coalesce(d.last_seen_at, 0) then held.heard_at
                 else d.last_seen_at end) as last_heard
         from devices d left join (
             select l.device_id, l.use_until, l.heard_at,
                 (select count(*) from lease_vouchers h where h.lease_id = l.id and h.ended_at is null) as vouchers,
                 (select count(*) from lease_vouchers h join voucher_state v on v.id = h.voucher_id
                  where h.lease_id = l.id and h.ended_at is null and v.status = 'issued'
                    and v.remaining > 0) as unserved
             from leases l where l.device_id = $1 and l.closed_at is null
         ) held on held.device_id = d.id
         where d.id = $1 group by d.id",
    )
    .bind(device_id)
    .optional()
    .await
}

/// A phone's leases that did not end, locked in the order of their ids.
pub async fn lock_open_of_device(tx: &mut Tx, device_id: DeviceId) -> Result<Vec<Lease>, sqlx::Error> {
    tx.sql(
        "select id, epoch, device_id, point_id, desk, share_desk, share_of, taken_at, use_until, heard_at, closed_at,
             release_reason
         from leases where device_id = $1 and closed_at is null order by id {for update}",
    )
    .bind(device_id)
    .all()
    .await
}

/// Another phone that holds vouchers of a point or of a desk's share.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
#[schema(as = LeaseHolder)]
pub struct Holder {
    /// The phone's name.
    pub device: String,
    /// Who carries it; may be empty.
    pub volunteer: String,
    /// Where it works.
    pub desk: String,
    /// How many vouchers it holds that could be handed out now.
    pub vouchers: i64,
    /// When it was last heard in any way.
    pub heard_at: Option<Moment>,
    /// Whether it was revoked: it will not give them back by itself.
    pub revoked: bool,
}

/// The phones, other than a lease's own, that hold vouchers of its point and share, those that hold most in front.
pub async fn holders(conn: &mut Conn, lease: &Lease) -> Result<Vec<Holder>, sqlx::Error> {
    conn.sql(
        "select d.name as device, d.volunteer, l.desk, count(*) as vouchers,
             case when coalesce(l.heard_at, 0) > coalesce(d.last_seen_at, 0) then l.heard_at else d.last_seen_at end
                 as heard_at,
             d.revoked_at is not null as revoked
         from leases l join devices d on d.id = l.device_id
         join lease_vouchers h on h.lease_id = l.id and h.ended_at is null
         join voucher_state v on v.id = h.voucher_id join rounds r on r.id = v.round_id
         where l.id <> $1 and l.closed_at is null and v.point_id = $2 and r.status = 'open' and v.status = 'issued'
           and (cast($3 as bigint) is null or (v.serial - 1) % $4 + 1 = $3)
           and v.remaining > 0
         group by l.id, d.id, d.name, d.volunteer, l.desk, l.heard_at, d.last_seen_at, d.revoked_at
         order by vouchers desc, d.name limit 20",
    )
    .bind(lease.id)
    .bind(lease.point_id)
    .bind(lease.share_desk)
    .bind(lease.share_of.unwrap_or(1))
    .all()
    .await
}

/// Which leases are asked for.
#[derive(Debug, Default)]
pub struct Filter {
    /// Only those in this state; nothing: all.
    pub state: Option<LeaseState>,
    /// Only those of these points.
    pub points: Within<PointId>,
}

/// A lease as coordinators see it.
#[derive(Debug, sqlx::FromRow)]
pub struct ListRow {
    /// The lease.
    #[sqlx(flatten)]
    pub lease: Lease,
    /// The point's name.
    pub point: String,
    /// The phone's name.
    pub device: String,
    /// Who carries it.
    pub volunteer: String,
    /// When the phone was revoked.
    pub revoked_at: Option<Moment>,
    /// When the phone was last heard in any way.
    pub last_seen_at: Option<Moment>,
    /// Vouchers that it ever held.
    pub taken: i64,
    /// Of those, handed out by its phone.
    pub used: i64,
    /// Vouchers that it holds and nobody used up.
    pub left: i64,
}

/// A page of leases, in the order they were taken.
pub async fn page(conn: &mut Conn, filter: &Filter, cursor: Cursor, now: Moment) -> Result<Vec<ListRow>, sqlx::Error> {
    conn.sql(
        "select l.id, l.epoch, l.device_id, l.point_id, l.desk, l.share_desk, l.share_of, l.taken_at, l.use_until,
             l.heard_at, l.closed_at, l.release_reason, p.name as point, d.name as device, d.volunteer, d.revoked_at,
             d.last_seen_at,
             (select count(*) from lease_vouchers h where h.lease_id = l.id) as taken,
             (select count(*) from lease_vouchers h where h.lease_id = l.id and exists (
                 select 1 from handovers x where x.voucher_id = h.voucher_id
                   and x.device_id = l.device_id and x.received_at >= l.taken_at)) as used,
             (select count(*) from lease_vouchers h join voucher_state v on v.id = h.voucher_id
              where h.lease_id = l.id and h.ended_at is null and v.status = 'issued'
                and v.remaining > 0) as \"left\"
         from leases l join points p on p.id = l.point_id join devices d on d.id = l.device_id
         where l.id > $1 and {in $2: l.point_id}
           and ($4 = '' or $4 = case when l.release_reason is not null then 'released'
               when l.closed_at is not null then 'closed' when l.use_until <= $5 then 'in_doubt' else 'open' end)
         order by l.id limit $6",
    )
    .bind(cursor.after)
    .within(&filter.points)
    .bind(filter.state.map_or("", LeaseState::name))
    .bind(now)
    .bind(cursor.fetch)
    .all()
    .await
}
