//! The SQL of these pages: conflicts with the names of whose and by whom.

use uuid::Uuid;

use crate::db::{Conn, JsonText, id_rows};
use crate::kernel::ids::{ConflictId, PointId};
use crate::kernel::{Moment, Within};
use crate::redemption::conflicts::ConflictDetail;
use crate::redemption::history::view::ScanView;
use crate::redemption::rules::ConflictKind;

/// A conflict as a page tells of it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct ToldConflict {
    pub(super) id: ConflictId,
    pub(super) kind: ConflictKind,
    pub(super) detail: JsonText<ConflictDetail>,
    pub(super) winner_nonce: Option<Uuid>,
    pub(super) other_nonce: Option<Uuid>,
    pub(super) voucher_id: Option<Uuid>,
    pub(super) serial: Option<i64>,
    pub(super) round: Option<String>,
    pub(super) household_id: Option<Uuid>,
    pub(super) head_name: Option<String>,
    pub(super) device: Option<String>,
    pub(super) created_at: Moment,
    pub(super) resolution: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) resolved_at: Option<Moment>,
    pub(super) resolved_by: Option<String>,
}

/// A part of the conflicts about one of these points: the open ones, the oldest first, or the settled ones, those settled
/// last in front.
pub(super) async fn conflicts(
    conn: &mut Conn,
    points: &Within<PointId>,
    settled: bool,
    limit: i64,
    offset: i64,
) -> Result<Vec<ToldConflict>, sqlx::Error> {
    conn.sql(
        "select c.id, c.kind, c.detail, c.winner_nonce, c.other_nonce, c.voucher_id, v.serial, r.name as round,
             v.household_id, h.head_name, d.name as device, c.created_at, c.resolution, c.reason, c.resolved_at,
             coalesce(u.full_name, u.username) as resolved_by
         from conflicts c left join vouchers v on v.id = c.voucher_id left join rounds r on r.id = v.round_id
         left join households h on h.id = v.household_id left join devices d on d.id = c.device_id
         left join users u on u.id = c.resolved_by
         where (c.resolved_at is not null) = $1
             and ($4 or exists (select 1 from scans s where s.nonce in (c.winner_nonce, c.other_nonce)
                     and {in $4: s.point_id})
                 or (c.winner_nonce is null and c.other_nonce is null and exists (
                     select 1 from device_points p where p.device_id = c.device_id and {in $4: p.point_id})))
         order by c.resolved_at desc, c.created_at, c.id limit $2 offset $3",
    )
    .bind(settled)
    .bind(limit)
    .bind(offset)
    .within(points)
    .all()
    .await
}

/// One conflict that is about one of these points: of its handovers, or of its phone where there are none; or of a record
/// that would be booked there.
pub(super) async fn conflict(
    conn: &mut Conn,
    points: &Within<PointId>,
    id: ConflictId,
) -> Result<Option<ToldConflict>, sqlx::Error> {
    conn.sql(
        "select c.id, c.kind, c.detail, c.winner_nonce, c.other_nonce, c.voucher_id, v.serial, r.name as round,
             v.household_id, h.head_name, d.name as device, c.created_at, c.resolution, c.reason, c.resolved_at,
             coalesce(u.full_name, u.username) as resolved_by
         from conflicts c left join vouchers v on v.id = c.voucher_id left join rounds r on r.id = v.round_id
         left join households h on h.id = v.household_id left join devices d on d.id = c.device_id
         left join users u on u.id = c.resolved_by
         where c.id = $1
             and ($2 or exists (select 1 from scans s where s.nonce in (c.winner_nonce, c.other_nonce)
                     and {in $2: s.point_id})
                 or (c.winner_nonce is null and c.other_nonce is null and exists (
                     select 1 from device_points p where p.device_id = c.device_id and {in $2: p.point_id}))
                 or exists (select 1 from quarantined_records q where q.conflict_id = c.id and {in $2: q.point_id}))",
    )
    .bind(id)
    .within(points)
    .optional()
    .await
}

/// Scans with names, by their nonces, in no order.
pub(super) async fn told(conn: &mut Conn, nonces: &[Uuid]) -> Result<Vec<ScanView>, sqlx::Error> {
    conn.sql(
        "select s.nonce, s.outcome, s.source, s.units, p.name as point, s.desk,
             coalesce(u.full_name, u.username, nullif(d.volunteer, '')) as who, d.name as device, s.flags, s.collector_name,
             s.collector_relation, s.override_reason,
             s.scanned_at, s.received_at, z.at as reversed_at, z.reason as reversal_reason, s.voucher_id, v.serial,
             rd.name as round, v.household_id, h.head_name
         from rows($1: id uuid) as w join scans s on s.nonce = w.id join points p on p.id = s.point_id
         left join reversals z on z.nonce = s.nonce
         left join vouchers v on v.id = s.voucher_id left join rounds rd on rd.id = v.round_id
         left join households h on h.id = v.household_id
         left join users u on u.id = s.user_id left join devices d on d.id = s.device_id",
    )
    .bind_rows(&id_rows(nonces))
    .all()
    .await
}
