//! The SQL of kept scans.

use uuid::Uuid;

use super::view::{ScanFilter, ScanView};
use super::{Count, KeptScan};
use crate::db::{Conn, JsonText};
use crate::kernel::ids::{ItemId, PointId};
use crate::kernel::{Moment, Within};
use crate::redemption::answer::Detail;
use crate::redemption::outcome::Outcome;
use crate::redemption::scan::Source;

#[derive(sqlx::FromRow)]
struct Row {
    nonce: Uuid,
    outcome: Outcome,
    source: Source,
    voucher_id: Option<Uuid>,
    handover: Option<i64>,
    units: i64,
    point_id: PointId,
    desk: String,
    scanned_at: Moment,
    received_at: Moment,
    reversed_at: Option<Moment>,
    detail: JsonText<Detail>,
    flags: JsonText<Vec<String>>,
}

impl From<Row> for KeptScan {
    fn from(row: Row) -> Self {
        Self {
            nonce: row.nonce,
            outcome: row.outcome,
            source: row.source,
            voucher_id: row.voucher_id,
            handed_out: row.handover.is_some(),
            units: row.units,
            point_id: row.point_id,
            desk: row.desk,
            scanned_at: row.scanned_at,
            received_at: row.received_at,
            reversed_at: row.reversed_at,
            detail: row.detail.0,
            flags: row.flags.0,
        }
    }
}

/// A voucher's scans, in the order of the phones' clocks: late uploads take their place in the history.
pub async fn of_voucher(conn: &mut Conn, voucher_id: Uuid) -> Result<Vec<KeptScan>, sqlx::Error> {
    let rows: Vec<Row> = conn
        .sql(
            "select s.nonce, s.outcome, s.source, s.voucher_id, s.handover, s.units, s.point_id, s.desk, s.scanned_at,
                 s.received_at, z.at as reversed_at, s.detail, s.flags
             from scans s left join reversals z on z.nonce = s.nonce
             where s.voucher_id = $1 order by s.scanned_at, s.received_at, s.nonce limit 1000",
        )
        .bind(voucher_id)
        .all()
        .await?;
    Ok(rows.into_iter().map(KeptScan::from).collect())
}

/// A page of a point's scans (or of all these points'), newest first, received before a scan of that moment and nonce.
pub async fn recent(
    conn: &mut Conn,
    points: &Within<PointId>,
    point_id: Option<PointId>,
    before: (Moment, Uuid),
    limit: i64,
) -> Result<Vec<KeptScan>, sqlx::Error> {
    let rows: Vec<Row> = conn
        .sql(
            "select s.nonce, s.outcome, s.source, s.voucher_id, s.handover, s.units, s.point_id, s.desk, s.scanned_at,
                 s.received_at, z.at as reversed_at, s.detail, s.flags
             from scans s left join reversals z on z.nonce = s.nonce
             where (s.point_id = $1 or $1 is null) and (s.received_at < $2 or (s.received_at = $2 and s.nonce < $3))
                 and {in $5: s.point_id}
             order by s.received_at desc, s.nonce desc limit $4",
        )
        .bind(point_id)
        .bind(before.0)
        .bind(before.1)
        .bind(limit)
        .within(points)
        .all()
        .await?;
    Ok(rows.into_iter().map(KeptScan::from).collect())
}

/// Packages per round, package and point, of these points.
pub async fn counts(
    conn: &mut Conn,
    points: &Within<PointId>,
    round_id: Option<Uuid>,
) -> Result<Vec<Count>, sqlx::Error> {
    conn.sql(
        "select s.round_id, s.package_id, s.point_id,
             cast(coalesce(sum(case when z.nonce is null then s.units else 0 end), 0) as bigint) as handed_out,
             cast(coalesce(sum(case when z.nonce is not null then s.units else 0 end), 0) as bigint) as reversed,
             cast(coalesce(sum(case when s.handover is null then 1 else 0 end), 0) as bigint) as refused
         from scans s left join reversals z on z.nonce = s.nonce
         where s.round_id is not null and (s.round_id = $1 or $1 is null) and {in $2: s.point_id}
         group by s.round_id, s.package_id, s.point_id order by s.round_id, s.point_id, s.package_id",
    )
    .bind(round_id)
    .within(points)
    .all()
    .await
}

/// What is needed to give a stored answer again.
#[derive(Debug, sqlx::FromRow)]
pub struct Stored {
    /// What was decided.
    pub outcome: Outcome,
    /// Its explanation.
    pub detail: JsonText<Detail>,
    /// Its marks.
    pub flags: JsonText<Vec<String>>,
    /// The server's clock.
    pub received_at: Moment,
    /// When the handover was undone.
    pub reversed_at: Option<Moment>,
    /// Who asked.
    pub user_id: Option<Uuid>,
    /// Which phone asked.
    pub device_id: Option<Uuid>,
    pub point_id: PointId,
    pub voucher_id: Option<Uuid>,
    pub serial: Option<i64>,
    pub voucher_units: Option<i64>,
    /// Its round's name.
    pub round_name: Option<String>,
    pub household_id: Option<Uuid>,
    pub head_name: Option<String>,
    pub members: Option<i64>,
    pub package_id: Option<Uuid>,
    pub package_name: Option<String>,
}

/// The stored answer of a nonce; that of its fact, kept under `fact`, where a refusal or an undoing was overtaken by one.
pub async fn stored(conn: &mut Conn, nonce: Uuid, fact: Uuid) -> Result<Option<Stored>, sqlx::Error> {
    conn.sql(
        "select s.outcome, s.detail, s.flags, s.received_at, z.at as reversed_at, s.user_id, s.device_id, s.point_id,
             s.voucher_id, v.serial,
             v.units as voucher_units, rd.name as round_name, v.household_id, h.head_name, h.members,
             rd.package_id, pk.name as package_name
         from scans s left join reversals z on z.nonce = s.nonce
         left join vouchers v on v.id = s.voucher_id left join households h on h.id = v.household_id
         left join rounds rd on rd.id = v.round_id left join packages pk on pk.id = rd.package_id
         where s.nonce = $1 or s.nonce = $2
         order by case when s.handover is null then 2 when z.nonce is not null then 1 else 0 end limit 1",
    )
    .bind(nonce)
    .bind(fact)
    .optional()
    .await
}

/// A package's lines: item, name, unit, decimals, quantity.
pub async fn contents(
    conn: &mut Conn,
    package_id: Uuid,
) -> Result<Vec<(ItemId, String, String, i64, i64)>, sqlx::Error> {
    conn.sql(
        "select pi.item_id, i.name, i.unit, i.decimals, pi.quantity from package_items pi
         join items i on i.id = pi.item_id where pi.package_id = $1 order by pi.item_id",
    )
    .bind(package_id)
    .all()
    .await
}

/// A part of the scans, those received last in front.
pub async fn told(conn: &mut Conn, wanted: &ScanFilter, limit: i64, offset: i64) -> Result<Vec<ScanView>, sqlx::Error> {
    // Names are looked up for the rows that are shown, not for those that come before or after them.
    let (from, until) = wanted.span();
    conn.sql(
        "select s.nonce, s.outcome, s.source, s.units, p.name as point, s.desk,
             coalesce(u.full_name, u.username, nullif(d.volunteer, '')) as who, d.name as device, s.flags, s.collector_name,
             s.collector_relation, s.override_reason,
             s.scanned_at, s.received_at, z.at as reversed_at, z.reason as reversal_reason, s.voucher_id, v.serial,
             rd.name as round, v.household_id, h.head_name
         from (
             select x.* from scans x left join reversals y on y.nonce = x.nonce
             where x.received_at >= $1 and x.received_at < $2
               and (x.point_id = $3 or cast($3 as uuid) is null) and (x.round_id = $4 or cast($4 as uuid) is null)
               and ($5 = '' or x.outcome = $5)
               and ($6 = '' or ($6 = 'refused' and x.handover is null)
                   or ($6 = 'handed_out' and x.handover is not null and y.nonce is null)
                   or ($6 = 'undone' and y.nonce is not null))
               and {in $7: x.point_id}
             order by x.received_at desc, x.nonce desc limit $9 offset $10
         ) s join points p on p.id = s.point_id
         left join reversals z on z.nonce = s.nonce
         left join vouchers v on v.id = s.voucher_id left join rounds rd on rd.id = v.round_id
         left join households h on h.id = v.household_id
         left join users u on u.id = s.user_id left join devices d on d.id = s.device_id
         order by s.received_at desc, s.nonce desc",
    )
    .bind(from)
    .bind(until)
    .bind(wanted.point_id)
    .bind(wanted.round_id)
    .bind(wanted.outcome.map_or("", Outcome::name))
    .bind(wanted.kind.name())
    .within(&wanted.points)
    .bind(limit)
    .bind(offset)
    .all()
    .await
}

/// A voucher's scans with names, in the order of the phones' clocks.
pub async fn told_of_voucher(conn: &mut Conn, voucher_id: Uuid) -> Result<Vec<ScanView>, sqlx::Error> {
    conn.sql(
        "select s.nonce, s.outcome, s.source, s.units, p.name as point, s.desk,
             coalesce(u.full_name, u.username, nullif(d.volunteer, '')) as who, d.name as device, s.flags, s.collector_name,
             s.collector_relation, s.override_reason,
             s.scanned_at, s.received_at, z.at as reversed_at, z.reason as reversal_reason, s.voucher_id, v.serial,
             rd.name as round, v.household_id, h.head_name
         from scans s join points p on p.id = s.point_id
         left join reversals z on z.nonce = s.nonce
         join vouchers v on v.id = s.voucher_id join rounds rd on rd.id = v.round_id
         join households h on h.id = v.household_id
         left join users u on u.id = s.user_id left join devices d on d.id = s.device_id
         where s.voucher_id = $1 order by s.scanned_at, s.received_at, s.nonce limit 200",
    )
    .bind(voucher_id)
    .all()
    .await
}
