//! The SQL of issuing: everything in whole batches, nothing household by household.

use serde::Serialize;

use crate::db::{Bytes, Conn, Tx, id_rows};
use crate::households::{HouseholdStatus, StoredCategory};
use crate::kernel::ids::{AreaId, CampaignId, HouseholdId, PackageId, PointId, RoundId, UserId, VoucherId};
use crate::kernel::{Day, Moment, Within};
use crate::vouchers::rules::Candidate;

/// A category's name, as a row to bind.
#[derive(Clone, Debug, Serialize)]
pub struct CategoryRow {
    /// As households carry it.
    pub name: StoredCategory,
}

/// Which households are meant: what is nothing does not narrow.
#[derive(Debug, Default)]
pub struct Chosen {
    /// Just these.
    pub households: Option<Vec<HouseholdId>>,
    /// Those in these areas; subtrees are spelled out.
    pub areas: Within<AreaId>,
    /// Those of these categories.
    pub categories: Option<Vec<CategoryRow>>,
}

#[derive(sqlx::FromRow)]
struct CandidateRow {
    id: HouseholdId,
    area_id: AreaId,
    address_key: String,
}

/// The active households that are meant.
pub async fn candidates(conn: &mut Conn, chosen: &Chosen) -> Result<Vec<Candidate>, sqlx::Error> {
    let rows: Vec<CandidateRow> = conn
        .sql(
            "select h.id, h.area_id, h.address_key from households h
             where h.status = 'active'
               and ($2 or h.id in (select c.id from rows($1: id uuid) as c))
               and {in $3: h.area_id}
               and ($6 or h.category in (select k.name from rows($5: name text) as k))",
        )
        .bind_rows(&id_rows(chosen.households.as_deref().unwrap_or_default()))
        .bind(chosen.households.is_none())
        .within(&chosen.areas)
        .bind_rows(chosen.categories.as_deref().unwrap_or_default())
        .bind(chosen.categories.is_none())
        .all()
        .await?;
    let candidate =
        |row: CandidateRow| Candidate { household_id: row.id, area_id: row.area_id, address_key: row.address_key };
    Ok(rows.into_iter().map(candidate).collect())
}

/// Status and area of households, as far as they exist.
pub async fn standing(
    conn: &mut Conn,
    households: &[HouseholdId],
) -> Result<Vec<(HouseholdId, HouseholdStatus, AreaId)>, sqlx::Error> {
    conn.sql("select h.id, h.status, h.area_id from rows($1: id uuid) as c join households h on h.id = c.id")
        .bind_rows(&id_rows(households))
        .all()
        .await
}

/// Households that hold a voucher of the round, or received on one that was voided later.
pub async fn holders(conn: &mut Conn, round_id: RoundId) -> Result<Vec<(HouseholdId,)>, sqlx::Error> {
    conn.sql(
        "select v.household_id from vouchers v where v.round_id = $1 and v.status = 'issued'
         union
         select v.household_id from handovers s join vouchers v on v.id = s.voucher_id
         where s.round_id = $1 and v.round_id = $1 and v.status = 'void'",
    )
    .bind(round_id)
    .all()
    .await
}

/// Households that received something in the campaign after `since`.
pub async fn received_since(
    conn: &mut Conn,
    campaign_id: CampaignId,
    since: Moment,
) -> Result<Vec<(HouseholdId,)>, sqlx::Error> {
    conn.sql(
        "select distinct v.household_id
         from handovers s join vouchers v on v.id = s.voucher_id join rounds r on r.id = v.round_id
         where r.campaign_id = $1 and s.received_at >= $2 and s.scanned_at >= $2",
    )
    .bind(campaign_id)
    .bind(since)
    .all()
    .await
}

/// Households that hold a voucher, still good for something, of another round of the campaign that is not closed
/// and whose days touch `[from, until]`.
pub async fn promised_between(
    conn: &mut Conn,
    campaign_id: CampaignId,
    except: RoundId,
    (from, until): (Day, Day),
    today: Day,
) -> Result<Vec<(HouseholdId,)>, sqlx::Error> {
    conn.sql(
        "select distinct v.household_id
         from rounds r join voucher_state v on v.round_id = r.id
         where r.campaign_id = $1 and r.id <> $2 and r.status <> 'closed' and v.status = 'issued'
           and v.valid_until >= $3 and v.valid_from <= $4 and v.valid_until >= $5
           and v.remaining > 0",
    )
    .bind(campaign_id)
    .bind(except)
    .bind(from)
    .bind(until)
    .bind(today)
    .all()
    .await
}

/// All areas: id, parent, folded name.
pub async fn areas(conn: &mut Conn) -> Result<Vec<(AreaId, Option<AreaId>, String)>, sqlx::Error> {
    conn.sql("select id, parent_id, name_key from areas").all().await
}

/// A point of a round.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RoundPoint {
    pub point_id: PointId,
    /// Its number in the code on paper.
    pub number: i64,
    /// Where it lies.
    pub area_id: AreaId,
}

/// The points of a round, by their numbers.
pub async fn points(conn: &mut Conn, round_id: RoundId) -> Result<Vec<RoundPoint>, sqlx::Error> {
    conn.sql(
        "select rp.point_id, p.number, p.area_id from round_points rp join points p on p.id = rp.point_id
         where rp.round_id = $1 order by p.number",
    )
    .bind(round_id)
    .all()
    .await
}

/// Issued vouchers of a round by point and slot.
pub async fn taken(
    conn: &mut Conn,
    round_id: RoundId,
) -> Result<Vec<(Option<PointId>, Option<Moment>, i64)>, sqlx::Error> {
    conn.sql(
        "select point_id, slot_at, count(*) from vouchers where round_id = $1 and status = 'issued'
         group by point_id, slot_at",
    )
    .bind(round_id)
    .all()
    .await
}

/// The last serial of a round; 0 before the first.
pub async fn last_serial(tx: &mut Tx, round_number: i64) -> Result<i64, sqlx::Error> {
    let (serial,): (i64,) = tx
        .sql("select coalesce(max(serial), 0) from vouchers where round_number = $1")
        .bind(round_number)
        .one()
        .await?;
    Ok(serial)
}

/// A voucher to be stored: what differs between the vouchers of one issuing.
#[derive(Clone, Debug, Serialize)]
pub struct NewVoucher {
    pub id: VoucherId,
    /// Its serial in the round.
    pub serial: i64,
    /// Whose it is.
    pub household_id: HouseholdId,
    /// Where it counts; nothing: at each point.
    pub point_id: Option<PointId>,
    /// When its slot begins, in microseconds.
    pub slot_at: Option<i64>,
    /// When its slot ends, in microseconds.
    pub slot_ends_at: Option<i64>,
    /// 64 bytes.
    pub signature: Bytes,
    /// 10 symbols.
    pub typed_code: String,
}

/// What all vouchers of one issuing share.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Their round.
    pub round_id: RoundId,
    pub round_number: i64,
    /// Packages each is good for.
    pub units: i64,
    /// First day.
    pub valid_from: Day,
    /// Last day, inclusive.
    pub valid_until: Day,
    /// The key that signed them.
    pub kid: i64,
    /// Who issues them.
    pub issued_by: Option<UserId>,
    pub issued_at: Moment,
}

/// Stores vouchers, except those whose typed code is or was another voucher's; gives how many were stored.
pub async fn insert(tx: &mut Tx, batch: &Batch, vouchers: &[NewVoucher]) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into vouchers (id, round_id, round_number, serial, issue_number, household_id, point_id, units,
             slot_at, slot_ends_at, valid_from, valid_until, kid, signature, typed_code, status, issued_by, issued_at)
         select n.id, $2, $3, n.serial, 1, n.household_id, n.point_id, $4, n.slot_at, n.slot_ends_at, $5, $6, $7,
             n.signature, n.typed_code, 'issued', $8, $9
         from rows($1: id uuid, serial bigint, household_id uuid, point_id uuid, slot_at bigint,
             slot_ends_at bigint, signature bytea, typed_code text) as n
         where not exists (select 1 from replaced_papers p where p.typed_code = n.typed_code)
         on conflict (typed_code) do nothing",
    )
    .bind_rows(vouchers)
    .bind(batch.round_id)
    .bind(batch.round_number)
    .bind(batch.units)
    .bind(batch.valid_from)
    .bind(batch.valid_until)
    .bind(batch.kid)
    .bind(batch.issued_by)
    .bind(batch.issued_at)
    .execute()
    .await
}

/// Which serials of a stretch are stored.
pub async fn stored_serials(tx: &mut Tx, round_number: i64, first: i64, last: i64) -> Result<Vec<(i64,)>, sqlx::Error> {
    tx.sql("select serial from vouchers where round_number = $1 and serial between $2 and $3")
        .bind(round_number)
        .bind(first)
        .bind(last)
        .all()
        .await
}

/// Per point of the round and item of its package: what is on hand, and what vouchers still promise there.
pub async fn stock(
    conn: &mut Conn,
    round_id: RoundId,
    package_id: PackageId,
    today: Day,
) -> Result<Vec<StockRow>, sqlx::Error> {
    conn.sql(
        "with used as (
             select s.voucher_id, sum(s.units) as units from handovers s
             where s.point_id in (select point_id from round_points where round_id = $1)
             group by s.voucher_id
         ), owed as (
             select v.point_id, i.item_id, sum((v.units - coalesce(u.units, 0)) * i.quantity) as quantity
             from vouchers v join rounds r on r.id = v.round_id
             join package_items i on i.package_id = r.package_id
             left join used u on u.voucher_id = v.id
             where v.status = 'issued' and r.status <> 'closed' and v.valid_until >= $3
               and v.point_id in (select point_id from round_points where round_id = $1)
             group by v.point_id, i.item_id
         ), on_hand as (
             select l.point_id, l.item_id, sum(l.quantity) as quantity from stock_levels l
             where l.point_id in (select point_id from round_points where round_id = $1)
             group by l.point_id, l.item_id
         )
         select rp.point_id, i.item_id, i.quantity as per_unit,
             cast(coalesce(h.quantity, 0) as bigint) as on_hand, cast(coalesce(p.quantity, 0) as bigint) as promised
         from round_points rp cross join package_items i
         left join on_hand h on h.point_id = rp.point_id and h.item_id = i.item_id
         left join owed p on p.point_id = rp.point_id and p.item_id = i.item_id
         where rp.round_id = $1 and i.package_id = $2 order by rp.point_id, i.item_id",
    )
    .bind(round_id)
    .bind(package_id)
    .bind(today)
    .all()
    .await
}

/// Stock of one item at one point of a round.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StockRow {
    pub point_id: PointId,
    pub item_id: uuid::Uuid,
    /// How much of it a unit of a voucher needs.
    pub per_unit: i64,
    /// What is there.
    pub on_hand: i64,
    /// What vouchers issued before still promise there.
    pub promised: i64,
}

/// A package's number in the code on paper.
pub async fn package_number(conn: &mut Conn, id: PackageId) -> Result<i64, sqlx::Error> {
    let (number,): (i64,) = conn.sql("select number from packages where id = $1").bind(id).one().await?;
    Ok(number)
}
