//! The SQL of manifests.

use crate::db::Conn;
use crate::kernel::ids::{LeaseId, PackageId, PointId, RoundId};
use crate::kernel::{Day, Moment};

/// Rounds that a manifest has at most: one byte of a row names its round.
pub const ROUNDS_MAX: i64 = 200;
/// Entries of what is no longer given out, at most.
pub const KNOWN_MAX: i64 = 20_000;

/// A round as a phone needs it.
#[derive(Debug, sqlx::FromRow)]
pub struct RoundRow {
    pub id: RoundId,
    pub number: i64,
    pub name: String,
    pub status: String,
    pub starts_at: Moment,
    pub ends_at: Moment,
    pub enforce_slots: bool,
    pub any_point: bool,
    pub collector_required: bool,
    pub offline: String,
    pub amber_in_a_row: i64,
    pub amber_hours: i64,
    pub package_id: PackageId,
    pub package_number: i64,
    pub package_name: String,
}

/// The rounds that a point serves and that are not closed, those that end last in front.
pub async fn rounds(conn: &mut Conn, point_id: PointId) -> Result<Vec<RoundRow>, sqlx::Error> {
    conn.sql(
        "select r.id, r.number, r.name, r.status, r.starts_at, r.ends_at, r.enforce_slots, r.any_point,
             r.collector_required, r.offline, r.amber_in_a_row, r.amber_hours, r.package_id,
             k.number as package_number, k.name as package_name
         from rounds r join round_points rp on rp.round_id = r.id join packages k on k.id = r.package_id
         where rp.point_id = $1 and r.status <> 'closed' order by r.ends_at desc, r.number desc limit $2",
    )
    .bind(point_id)
    .bind(ROUNDS_MAX)
    .all()
    .await
}

/// A package's lines.
#[derive(Debug, sqlx::FromRow)]
pub struct LineRow {
    pub package_id: PackageId,
    pub name: String,
    pub unit: String,
    pub decimals: i64,
    pub quantity: i64,
}

/// What the packages of the point's rounds hold.
pub async fn contents(conn: &mut Conn, point_id: PointId) -> Result<Vec<LineRow>, sqlx::Error> {
    conn.sql(
        "select pi.package_id, i.name, i.unit, i.decimals, pi.quantity
         from package_items pi join items i on i.id = pi.item_id
         where pi.package_id in (
             select r.package_id from rounds r join round_points rp on rp.round_id = r.id
             where rp.point_id = $1 and r.status <> 'closed')
         order by pi.package_id, pi.item_id",
    )
    .bind(point_id)
    .all()
    .await
}

/// A voucher that a phone holds.
#[derive(Debug, sqlx::FromRow)]
pub struct HeldRow {
    pub round_id: RoundId,
    pub round_number: i64,
    pub serial: i64,
    pub issue_number: i64,
    pub kid: i64,
    pub signature: Vec<u8>,
    pub typed_code: String,
    pub valid_from: Day,
    pub valid_until: Day,
    pub units: i64,
    pub used: i64,
    pub slot_at: Option<Moment>,
    pub slot_ends_at: Option<Moment>,
    pub head_name: String,
    pub members: i64,
    pub interval_days: Option<i64>,
    pub last_received_at: Option<Moment>,
}

/// What a lease holds and could be handed out. The limit is far above what a point gives out in a day.
pub async fn held(conn: &mut Conn, id: LeaseId) -> Result<Vec<HeldRow>, sqlx::Error> {
    let rows: Vec<HeldRow> = conn
        .sql(
            "select v.round_id, v.round_number, v.serial, v.issue_number, v.kid, v.signature, v.typed_code,
                 v.valid_from, v.valid_until, v.units, v.redeemed as used, v.slot_at, v.slot_ends_at,
                 h.head_name, h.members, c.interval_days,
                 case when c.interval_days is null then null else (
                     select max(case when x.scanned_at < x.received_at then x.scanned_at else x.received_at end)
                     from vouchers ov join rounds o on o.id = ov.round_id join handovers x on x.voucher_id = ov.id
                     where ov.household_id = v.household_id and ov.id <> v.id and o.campaign_id = r.campaign_id
                 ) end as last_received_at
             from lease_vouchers lv
             join voucher_state v on v.id = lv.voucher_id
             join rounds r on r.id = v.round_id
             join campaigns c on c.id = r.campaign_id
             join households h on h.id = v.household_id
             where lv.lease_id = $1 and lv.ended_at is null and v.status = 'issued' and h.status = 'active'
               and r.status = 'open'
             limit 100000",
        )
        .bind(id)
        .all()
        .await?;
    Ok(rows.into_iter().filter(|row| row.used < row.units).collect())
}

/// A voucher that is not to be handed out by this phone.
#[derive(Debug, sqlx::FromRow)]
pub struct KnownRow {
    pub round_id: RoundId,
    pub round_number: i64,
    pub serial: i64,
    pub issue_number: i64,
    pub kid: i64,
    pub signature: Vec<u8>,
    pub point_number: Option<i64>,
    pub valid_from: Day,
    pub valid_until: Day,
    pub units: i64,
    pub voided_at: Option<Moment>,
    pub used_at: Option<Moment>,
}

/// What a point's rounds no longer give out, or other phones hold; the newest first.
pub async fn known(conn: &mut Conn, point_id: PointId, own: Option<LeaseId>) -> Result<Vec<KnownRow>, sqlx::Error> {
    conn.sql(
        "select round_id, round_number, serial, issue_number, kid, signature, point_number, valid_from, valid_until,
             units, voided_at, case when used >= units then used_at else null end as used_at
         from (
             select v.id, v.round_id, v.round_number, v.serial, v.issue_number, v.kid, v.signature,
                 p.number as point_number, v.valid_from, v.valid_until, v.units, v.voided_at, v.redeemed as used,
                 v.last_handover_at as used_at
             from voucher_state v join rounds r on r.id = v.round_id
             join round_points rp on rp.round_id = r.id and rp.point_id = $1
             left join points p on p.id = v.point_id
             where r.status <> 'closed' and (v.point_id = $1 or v.point_id is null or r.any_point)
         ) as seen
         where used >= units or voided_at is not null or exists (
             select 1 from lease_vouchers h
             where h.voucher_id = seen.id and h.ended_at is null and (h.lease_id <> $2 or cast($2 as uuid) is null))
         order by coalesce(used_at, voided_at, 0) desc, serial limit $3",
    )
    .bind(point_id)
    .bind(own)
    .bind(KNOWN_MAX)
    .all()
    .await
}
