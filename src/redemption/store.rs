//! The SQL of the engine: three statements for a batch, whatever its size.

use std::collections::HashMap;

use serde::Serialize;
use uuid::Uuid;

use super::answer::{ContentLine, Detail};
use super::outcome::Outcome;
use super::scan::Source;
use crate::db::{Bytes, JsonText, StatementBatch, Tx};
use crate::households::HouseholdStatus;
use crate::inventory::store::ledger::Level;
use crate::inventory::{Expiry, LockedStock};
use crate::kernel::ids::{ItemId, LotId, PackageId, PointId};
use crate::kernel::{Day, Moment, Quantity};
use crate::vouchers::round::{Offline, RoundStatus};
use crate::vouchers::voucher::VoucherStatus;

/// What identifies one scan's rows.
#[derive(Debug, Serialize)]
pub struct ScanKey {
    /// Place in the batch.
    pub i: i64,
    /// The scan's nonce.
    pub nonce: Uuid,
    /// The phone that scanned.
    pub device_id: Option<Uuid>,
    /// Place in the phone's queue.
    pub sequence: Option<i64>,
    /// Where it was scanned.
    pub point_id: PointId,
    /// The key that signed the paper.
    pub kid: Option<i64>,
    /// The round's number on the paper.
    pub round_number: Option<i64>,
    /// The serial on the paper.
    pub serial: Option<i64>,
    /// The issue number on the paper.
    pub issue_number: Option<i64>,
    /// The typed code.
    pub typed_code: Option<String>,
}

/// One scan's rows, as they are now.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Known {
    pub i: i64,
    pub scan_point_name: Option<String>,
    pub stored_hash: Option<Vec<u8>>,
    pub stored_outcome: Option<Outcome>,
    pub stored_detail: Option<JsonText<Box<Detail>>>,
    pub stored_flags: Option<JsonText<Vec<String>>>,
    pub stored_handover: Option<i64>,
    pub stored_received_at: Option<Moment>,
    pub stored_source: Option<Source>,
    pub stored_reversed_at: Option<Moment>,
    pub stored_reversed_by: Option<Uuid>,
    pub told_before: bool,
    pub stored_voucher_id: Option<Uuid>,
    pub voucher_id: Option<Uuid>,
    pub serial: Option<i64>,
    pub current_issue: Option<i64>,
    pub point_id: Option<PointId>,
    pub units: Option<i64>,
    pub slot_at: Option<Moment>,
    pub slot_ends_at: Option<Moment>,
    pub valid_from: Option<Day>,
    pub valid_until: Option<Day>,
    pub voucher_status: Option<VoucherStatus>,
    pub void_reason: Option<String>,
    pub round_id: Option<Uuid>,
    pub round_name: Option<String>,
    pub round_status: Option<RoundStatus>,
    pub enforce_slots: Option<bool>,
    pub any_point: Option<bool>,
    pub collector_required: Option<bool>,
    pub round_offline: Option<Offline>,
    pub has_point: bool,
    pub package_id: Option<PackageId>,
    pub campaign_id: Option<Uuid>,
    pub interval_days: Option<i64>,
    pub last_received_at: Option<Moment>,
    pub household_id: Option<Uuid>,
    pub head_name: Option<String>,
    pub members: Option<i64>,
    pub household_status: Option<HouseholdStatus>,
    pub key_withdrawn_at: Option<Moment>,
    pub replaced_at: Option<Moment>,
    pub typed_is_replaced: bool,
    pub handovers: Option<i64>,
    pub used: Option<i64>,
    pub first_nonce: Option<Uuid>,
    pub first_at: Option<Moment>,
    pub first_point: Option<String>,
    pub first_desk: Option<String>,
    pub first_proxy: bool,
    pub first_device_id: Option<Uuid>,
    pub on_paper_list: bool,
    pub lease_device_id: Option<Uuid>,
    pub lease_epoch: Option<i64>,
    pub lease_desk: Option<String>,
    pub lease_device: Option<String>,
    pub lease_heard_at: Option<Moment>,
    pub lease_seen_at: Option<Moment>,
    pub lease_revoked_at: Option<Moment>,
}

/// Statement 2: the stored answers of these nonces, and all that decides about the presented vouchers. On PostgreSQL
/// it must be a statement of its own after [`lock`]: one that waits for a lock reads everything but the locked row as
/// it was before it waited.
#[expect(clippy::too_many_lines, reason = "one statement, which reads all that a decision needs")]
pub async fn load(tx: &mut Tx, wanted: &[ScanKey]) -> Result<Vec<Known>, sqlx::Error> {
    tx.sql(
        "with wanted as materialized (
             select r.i, r.nonce, r.device_id, r.sequence, r.point_id, r.kid, r.issue_number, r.typed_code,
                 coalesce(
                     (select v.id from vouchers v where v.round_number = r.round_number and v.serial = r.serial),
                     (select v.id from vouchers v where v.typed_code = r.typed_code),
                     (select p.voucher_id from replaced_papers p where p.typed_code = r.typed_code)) as voucher_id
             from rows($1: i bigint, nonce uuid, device_id uuid, sequence bigint, point_id uuid, kid bigint,
                 round_number bigint, serial bigint, issue_number bigint, typed_code text) as r
         ), counted as materialized (
             select w.*,
                 (select count(*) from scans x where x.voucher_id = w.voucher_id and x.handover is not null)
                     as handovers
             from wanted w
         ), found as materialized (
             select w.*,
                 case when w.handovers = 0 then cast(0 as bigint) else (
                     select cast(coalesce(sum(x.units), 0) as bigint) from handovers x
                     where x.voucher_id = w.voucher_id) end as used,
                 case when w.handovers = 0 then null else (
                     select x.nonce from handovers x where x.voucher_id = w.voucher_id
                     order by x.handover limit 1) end as first_nonce
             from counted w
         )
         select w.i, sp.name as scan_point_name,
             s.body_hash as stored_hash, s.outcome as stored_outcome, s.detail as stored_detail,
             s.flags as stored_flags, s.handover as stored_handover, s.received_at as stored_received_at,
             s.voucher_id as stored_voucher_id, s.source as stored_source, sz.at as stored_reversed_at, sz.device_id as stored_reversed_by,
             (sz.nonce is not null and exists (
                 select 1 from chain_records cr
                 where cr.device_id = w.device_id and cr.sequence = w.sequence and cr.nonce = w.nonce)) as told_before,
             v.id as voucher_id, v.serial, v.issue_number as current_issue, v.point_id, v.units, v.slot_at,
             v.slot_ends_at, v.valid_from, v.valid_until, v.status as voucher_status, v.void_reason, v.round_id,
             rd.name as round_name,
             rd.status as round_status, rd.enforce_slots, rd.any_point, rd.collector_required,
             rd.offline as round_offline,
             exists (select 1 from round_points rp where rp.round_id = v.round_id and rp.point_id = w.point_id)
                 as has_point,
             rd.package_id, rd.campaign_id, c.interval_days,
             case when c.interval_days is null then null else (
                 select max((
                     select max(case when x.scanned_at < x.received_at then x.scanned_at else x.received_at end)
                     from handovers x where x.voucher_id = ov.id))
                 from vouchers ov join rounds o on o.id = ov.round_id
                 where ov.household_id = v.household_id and ov.id <> v.id and o.campaign_id = rd.campaign_id
             ) end as last_received_at,
             v.household_id, h.head_name, h.members, h.status as household_status,
             k.withdrawn_at as key_withdrawn_at, rpl.replaced_at,
             (w.typed_code is not null and v.typed_code <> w.typed_code) is true as typed_is_replaced,
             w.handovers, w.used, w.first_nonce,
             fs.received_at as first_at, fp.name as first_point, fs.desk as first_desk,
             (fs.collector_name is not null) is true as first_proxy,
             fs.device_id as first_device_id,
             (w.handovers > 0 and exists (
                 select 1 from handovers x
                 where x.voucher_id = w.voucher_id and x.source = 'roster' and x.point_id = w.point_id
             )) as on_paper_list,
             l.device_id as lease_device_id, l.epoch as lease_epoch, l.desk as lease_desk,
             ld.name as lease_device, l.heard_at as lease_heard_at, ld.last_seen_at as lease_seen_at,
             ld.revoked_at as lease_revoked_at
         from found w
         left join points sp on sp.id = w.point_id
         left join scans s on s.nonce = w.nonce
         left join reversals sz on sz.nonce = s.nonce
         left join vouchers v on v.id = w.voucher_id
         left join rounds rd on rd.id = v.round_id
         left join campaigns c on c.id = rd.campaign_id
         left join households h on h.id = v.household_id
         left join signing_keys k on k.kid = coalesce(w.kid, v.kid)
         left join replaced_papers rpl on rpl.voucher_id = v.id
             and (rpl.issue_number = w.issue_number or rpl.typed_code = w.typed_code)
         left join scans fs on fs.nonce = w.first_nonce
         left join points fp on fp.id = fs.point_id
         left join lease_vouchers lv on lv.voucher_id = v.id and lv.ended_at is null
         left join leases l on l.id = lv.lease_id
         left join devices ld on ld.id = l.device_id
         order by w.i",
    )
    .bind_rows(wanted)
    .all()
    .await
}

/// The answer that a scan was given.
#[derive(Debug, sqlx::FromRow)]
pub struct StoredAnswer {
    pub outcome: Outcome,
    pub detail: JsonText<Box<Detail>>,
    pub flags: JsonText<Vec<String>>,
    pub received_at: Moment,
    pub reversed_at: Option<Moment>,
}

impl Known {
    /// What this very nonce was answered before.
    pub fn stored_answer(&self) -> Option<StoredAnswer> {
        Some(StoredAnswer {
            outcome: self.stored_outcome?,
            detail: self.stored_detail.clone()?,
            flags: self.stored_flags.clone()?,
            received_at: self.stored_received_at?,
            reversed_at: self.stored_reversed_at,
        })
    }
}

/// What a nonce was answered, if it was.
pub async fn answer_to(tx: &mut Tx, nonce: Uuid) -> Result<Option<StoredAnswer>, sqlx::Error> {
    tx.sql(
        "select s.outcome, s.detail, s.flags, s.received_at, z.at as reversed_at
         from scans s left join reversals z on z.nonce = s.nonce where s.nonce = $1",
    )
    .bind(nonce)
    .optional()
    .await
}

/// Name and address of a point.
pub async fn point(tx: &mut Tx, id: PointId) -> Result<Option<(String, String)>, sqlx::Error> {
    tx.sql("select name, address from points where id = $1").bind(id).optional().await
}

/// A package of a batch.
#[derive(Default)]
pub struct Content {
    /// Its name.
    pub name: String,
    /// What one holds.
    pub lines: Vec<ContentLine>,
}

/// The packages of a batch.
pub type Contents = HashMap<PackageId, Content>;

#[derive(sqlx::FromRow)]
struct ShelfRow {
    package_id: PackageId,
    package: String,
    point_id: PointId,
    item_id: ItemId,
    name: String,
    unit: String,
    decimals: i64,
    quantity: i64,
    lot_id: Option<LotId>,
    expires_on: Option<Expiry>,
    overdraft: Option<bool>,
    level: Option<Quantity>,
}

/// Statement 1: locks the presented vouchers, then the levels their packages need, each in the order of their ids;
/// the packages' contents and those levels. What is read after it can't change under the decision.
pub async fn lock(tx: &mut Tx, today: Day, wanted: &[ScanKey]) -> Result<(LockedStock, Contents), sqlx::Error> {
    let rows: Vec<ShelfRow> = tx
        .sql(
            "with wanted as materialized (
                 select r.point_id, coalesce(
                     (select v.id from vouchers v where v.round_number = r.round_number and v.serial = r.serial),
                     (select v.id from vouchers v where v.typed_code = r.typed_code),
                     (select p.voucher_id from replaced_papers p where p.typed_code = r.typed_code)) as voucher_id
                 from rows($1: point_id uuid, round_number bigint, serial bigint, typed_code text) as r
             ), locked as materialized (
                 select v.id from vouchers v
                 where v.id in (select w.voucher_id from wanted w) order by v.id {for update}
             ), needed as materialized (
                 select distinct rd.package_id, w.point_id
                 from wanted w join vouchers v on v.id = w.voucher_id join rounds rd on rd.id = v.round_id
                 where (select count(*) from locked) > 0
             ), levels as materialized (
                 select l.* from stock_levels l
                 where (l.item_id, l.point_id) in (
                     select pi.item_id, n.point_id
                     from needed n join package_items pi on pi.package_id = n.package_id)
                 order by l.point_id, l.item_id, l.lot_id {for update}
             )
             select n.package_id, pk.name as package, n.point_id, pi.item_id, i.name, i.unit, i.decimals, pi.quantity,
                 l.lot_id, l.expires_on, l.overdraft, l.quantity as level
             from needed n
             join packages pk on pk.id = n.package_id
             join package_items pi on pi.package_id = n.package_id
             join items i on i.id = pi.item_id
             left join levels l on l.point_id = n.point_id and l.item_id = pi.item_id
             order by n.package_id, n.point_id, pi.item_id",
        )
        .bind_rows(wanted)
        .all()
        .await?;
    let mut contents = Contents::new();
    for row in &rows {
        let Content { name, lines } = contents.entry(row.package_id).or_default();
        if name.is_empty() {
            name.clone_from(&row.package);
        }
        if lines.iter().all(|line| line.item_id != row.item_id) {
            lines.push(ContentLine {
                item_id: row.item_id,
                name: row.name.clone(),
                unit: row.unit.clone(),
                decimals: u8::try_from(row.decimals).unwrap_or(0),
                quantity: row.quantity,
            });
        }
    }
    let levels = rows.into_iter().filter_map(|row| {
        Some(Level {
            point_id: row.point_id,
            item_id: row.item_id,
            lot_id: row.lot_id?,
            expires_on: row.expires_on?,
            overdraft: row.overdraft?,
            quantity: row.level?,
        })
    });
    Ok((LockedStock::of(today, levels), contents))
}

/// A scan's row.
#[derive(Debug, Serialize)]
pub struct ScanRow {
    pub nonce: Uuid,
    pub body_hash: Bytes,
    pub source: Source,
    pub outcome: Outcome,
    pub detail: String,
    pub flags: String,
    pub voucher_id: Option<Uuid>,
    pub handover: Option<i64>,
    pub units: i64,
    pub round_id: Option<Uuid>,
    pub package_id: Option<Uuid>,
    pub point_id: PointId,
    pub desk: String,
    pub user_id: Option<Uuid>,
    pub device_id: Option<Uuid>,
    pub collector_name: Option<String>,
    pub collector_relation: Option<String>,
    pub override_reason: Option<String>,
    pub sequence: Option<i64>,
    pub lease_epoch: Option<i64>,
    pub happened_at: i64,
    pub scanned_at: i64,
    pub received_at: i64,
}

/// Every scan is kept. Statement 3, together with the shelf's ledger and levels.
pub fn insert_scans(batch: &mut StatementBatch<'_>, rows: &[ScanRow]) -> Result<(), sqlx::Error> {
    batch.sql(
        "insert into scans (nonce, body_hash, source, outcome, detail, flags, voucher_id, handover, units, round_id,
             package_id, point_id, desk, user_id, device_id, collector_name, collector_relation, override_reason,
             sequence, lease_epoch, happened_at, scanned_at, received_at)
         select r.nonce, r.body_hash, r.source, r.outcome, r.detail, r.flags, r.voucher_id, r.handover, r.units,
             r.round_id, r.package_id, r.point_id, r.desk, r.user_id, r.device_id, r.collector_name,
             r.collector_relation, r.override_reason, r.sequence, r.lease_epoch, r.happened_at, r.scanned_at, r.received_at
         from rows($1: nonce uuid, body_hash bytea, source text, outcome text, detail text, flags text,
             voucher_id uuid, handover bigint, units bigint, round_id uuid, package_id uuid, point_id uuid,
             desk text, user_id uuid, device_id uuid, collector_name text, collector_relation text,
             override_reason text, sequence bigint, lease_epoch bigint, happened_at bigint, scanned_at bigint,
             received_at bigint) as r",
        rows,
    )
}

/// Another point of the round that still has packages, the fullest first: name and address.
pub async fn point_with_stock(
    tx: &mut Tx,
    round_id: Uuid,
    package_id: PackageId,
    today: Day,
) -> Result<Option<(String, String)>, sqlx::Error> {
    let found: Option<(String, String, i64)> = tx
        .sql(
            "select p.name, p.address, min(coalesce(l.quantity, 0) / pi.quantity) as possible
             from round_points rp
             join points p on p.id = rp.point_id
             join package_items pi on pi.package_id = $2
             left join (
                 select point_id, item_id, cast(sum(quantity) as bigint) as quantity from stock_levels
                 where overdraft or expires_on = '' or expires_on >= $3 group by point_id, item_id
             ) l on l.point_id = p.id and l.item_id = pi.item_id
             where rp.round_id = $1 and p.closed_at is null
             group by p.id, p.name, p.address
             having min(coalesce(l.quantity, 0) / pi.quantity) > 0
             order by possible desc, p.name limit 1",
        )
        .bind(round_id)
        .bind(package_id)
        .bind(today)
        .optional()
        .await?;
    Ok(found.map(|(name, address, _)| (name, address)))
}
