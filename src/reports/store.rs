//! The SQL of the report's figures. Reads only, and reads other rooms' tables: a report is about all of them.

pub mod charts;
pub mod public;
pub mod rows;

use super::{Bounds, GoodsFigure, RentByStatus, RentOfStatus, RoundFigure};
use crate::db::Conn;
use crate::kernel::Dong;

/// Items and rounds that a report names at most.
const NAMED_MAX: i64 = 5_000;

/// Quantity and value of donation lines of one kind.
pub async fn donated(conn: &mut Conn, bounds: &Bounds, kind: &'static str) -> Result<(i64, Dong), sqlx::Error> {
    conn.sql(
        "select cast(coalesce(sum(l.quantity), 0) as bigint), cast(coalesce(sum(l.value), 0) as bigint)
         from donation_lines l join donations d on d.id = l.donation_id
         where l.kind = $1 and d.received_on between $2 and $3",
    )
    .bind(kind)
    .bind(bounds.first_day.clone())
    .bind(bounds.last_day.clone())
    .one()
    .await
}

/// Packages handed over and not undone, with their value. A scan made online happened when the server answered it;
/// one that came later, when it was scanned.
pub async fn handed_out(conn: &mut Conn, bounds: &Bounds) -> Result<(i64, Dong), sqlx::Error> {
    conn.sql(
        "with recursive below (id) as (
             select id from areas where id = $3
             union
             select a.id from areas a join below b on a.parent_id = b.id
         )
         select cast(coalesce(sum(s.units), 0) as bigint), cast(coalesce(sum(s.units * p.value), 0) as bigint)
         from scans s left join packages p on p.id = s.package_id
         where s.handover is not null and not exists (select 1 from reversals v where v.nonce = s.nonce)
             and s.happened_at >= $1 and s.happened_at < $2
             and (cast($3 as uuid) is null or s.voucher_id in (
                 select v.id from vouchers v join households h on h.id = v.household_id
                 where h.area_id in (select id from below)))",
    )
    .bind(bounds.since)
    .bind(bounds.until)
    .bind(bounds.area_id)
    .one()
    .await
}

/// Landlords, distinct rooms, room-months and đồng that count.
pub async fn rent(conn: &mut Conn, bounds: &Bounds) -> Result<(i64, i64, i64, Dong), sqlx::Error> {
    // Counting distinct rooms and landlords goes three times as fast over one row a room. `coalesce` keeps SQLite from
    // looking up by month nearly every line there is.
    conn.sql(
        "with recursive below (id) as (
             select id from areas where id = $3
             union
             select a.id from areas a join below b on a.parent_id = b.id
         ), rooms as materialized (
             select n.reduction_id, n.room_id, count(*) as months, sum(coalesce(n.confirmed, n.reduced)) as amount
             from rent_lines n
             where n.counted and coalesce(n.month, '') between $1 and $2 group by n.reduction_id, n.room_id
         )
         select count(distinct r.landlord_id), count(distinct k.room_id), cast(coalesce(sum(k.months), 0) as bigint),
             cast(coalesce(sum(k.amount), 0) as bigint)
         from rooms k join rent_reductions r on r.id = k.reduction_id
         where (cast($3 as uuid) is null or r.area_id in (select id from below))",
    )
    .bind(bounds.first_month.clone())
    .bind(bounds.last_month.clone())
    .bind(bounds.area_id)
    .one()
    .await
}

/// Reductions, rooms, room-months and đồng of each status.
pub async fn rent_by_status(conn: &mut Conn, bounds: &Bounds) -> Result<RentByStatus, sqlx::Error> {
    let rows: Vec<RentOfStatus> = conn
        .sql(
            "with recursive below (id) as (
                 select id from areas where id = $3
                 union
                 select a.id from areas a join below b on a.parent_id = b.id
             ), rooms as materialized (
                 select n.reduction_id, n.room_id, count(*) as months, sum(coalesce(n.confirmed, n.reduced)) as amount
                 from rent_lines n
                 where coalesce(n.month, '') between $1 and $2 and coalesce(n.confirmed, n.reduced) > 0
                 group by n.reduction_id, n.room_id
             )
             select r.status, count(distinct r.id) as reductions, count(distinct k.room_id) as rooms,
                 cast(sum(k.months) as bigint) as room_months, cast(sum(k.amount) as bigint) as amount
             from rooms k join rent_reductions r on r.id = k.reduction_id
             where (cast($3 as uuid) is null or r.area_id in (select id from below))
             group by r.status",
        )
        .bind(bounds.first_month.clone())
        .bind(bounds.last_month.clone())
        .bind(bounds.area_id)
        .all()
        .await?;
    let mut by_status = RentByStatus::default();
    for row in rows {
        match row.status.as_str() {
            "pledged" => by_status.pledged = row,
            "verified" => by_status.verified = row,
            "confirmed" => by_status.confirmed = row,
            "withdrawn" => by_status.withdrawn = row,
            _ => by_status.rejected = row,
        }
    }
    Ok(by_status)
}

/// Each item's flow in the period and its stock now; items without either are left out. What was handed out is counted
/// from the handovers, a fraction of the ledger's entries, which `lalanh doctor` compares with it.
pub async fn goods(conn: &mut Conn, bounds: &Bounds) -> Result<Vec<GoodsFigure>, sqlx::Error> {
    let items: Vec<GoodsFigure> = conn
        .sql(
            "with given (item_id, loose, packed) as (
                 select l.item_id, l.quantity, 0 from donation_lines l join donations d on d.id = l.donation_id
                 where l.kind = 'goods' and d.received_on between $1 and $2
                 union all
                 select c.item_id, 0, l.quantity * c.quantity
                 from donation_lines l join donations d on d.id = l.donation_id
                 join package_items c on c.package_id = l.package_id
                 where l.kind = 'packages' and d.received_on between $1 and $2
             ), received (item_id, loose, packed) as (
                 select item_id, sum(loose), sum(packed) from given group by item_id
             ), served (package_id, units) as (
                 select s.package_id, s.units from scans s
                 where s.handover is not null and s.received_at >= $3 and s.received_at < $4
                 union all
                 select s.package_id, -s.units from reversals v join scans s on s.nonce = v.nonce
                 where s.handover is not null and v.at >= $3 and v.at < $4
             ), handed (item_id, quantity) as (
                 select c.item_id, sum(p.units * c.quantity)
                 from (select package_id, sum(units) as units from served group by package_id) p
                 join package_items c on c.package_id = p.package_id group by c.item_id
             ), corrected (item_id, spoiled, adjusted) as (
                 select e.item_id, sum(case when e.reason = 'spoiled' then -e.quantity else 0 end),
                     sum(case when e.reason <> 'spoiled' then e.quantity else 0 end)
                 from stock_entries e
                 where e.reason in ('spoiled', 'counted', 'lost', 'other') and e.at >= $3 and e.at < $4
                 group by e.item_id
             ), levels (item_id, quantity) as (
                 select item_id, sum(quantity) from stock_levels group by item_id
             )
             select i.id as item_id, i.name, i.unit, i.decimals,
                 cast(coalesce(g.loose + g.packed, 0) as bigint) as received,
                 cast(coalesce(g.loose, 0) as bigint) as received_loose,
                 cast(coalesce(m.quantity, 0) as bigint) as handed_out,
                 cast(coalesce(e.spoiled, 0) as bigint) as spoiled,
                 cast(coalesce(e.adjusted, 0) as bigint) as adjusted,
                 cast(coalesce(v.quantity, 0) as bigint) as on_hand
             from items i left join received g on g.item_id = i.id left join handed m on m.item_id = i.id
             left join corrected e on e.item_id = i.id left join levels v on v.item_id = i.id order by i.name_key, i.id limit $5",
        )
        .bind(bounds.first_day.clone())
        .bind(bounds.last_day.clone())
        .bind(bounds.since)
        .bind(bounds.until)
        .bind(NAMED_MAX)
        .all()
        .await?;
    let moved = |item: &GoodsFigure| {
        [item.received, item.handed_out, item.spoiled, item.adjusted, item.on_hand].iter().any(|n| n.0 != 0)
    };
    Ok(items.into_iter().filter(moved).collect())
}

/// Rounds that were open in the period, or handed out in it, with what they handed out.
pub async fn rounds(conn: &mut Conn, bounds: &Bounds) -> Result<Vec<RoundFigure>, sqlx::Error> {
    conn.sql(
        "with recursive below (id) as (
             select id from areas where id = $4
             union
             select a.id from areas a join below b on a.parent_id = b.id
         ), given (round_id, packages, value) as (
             select s.round_id, sum(s.units), sum(s.units * p.value)
             from scans s left join packages p on p.id = s.package_id
             where s.handover is not null and not exists (select 1 from reversals v where v.nonce = s.nonce)
                 and s.happened_at >= $1 and s.happened_at < $2
                 and (cast($4 as uuid) is null or s.voucher_id in (
                 select v.id from vouchers v join households h on h.id = v.household_id
                 where h.area_id in (select id from below)))
             group by s.round_id
         )
         select r.id, r.number, r.name, cast(coalesce(g.packages, 0) as bigint) as packages,
             cast(coalesce(g.value, 0) as bigint) as value
         from rounds r left join given g on g.round_id = r.id
         where g.packages > 0 or (r.starts_at < $2 and r.ends_at >= $1) order by r.number limit $3",
    )
    .bind(bounds.since)
    .bind(bounds.until)
    .bind(NAMED_MAX)
    .bind(bounds.area_id)
    .all()
    .await
}

/// One reduction in the workbook.
#[derive(Debug, sqlx::FromRow)]
pub struct ReductionFigure {
    /// What the landlord was given to ask about it.
    pub reference: String,
    /// The neighbourhood.
    pub area: Option<String>,
    /// How far it has come.
    pub status: String,
    /// Distinct rooms.
    pub rooms: i64,
    /// Room-months.
    pub room_months: i64,
    /// Đồng forgone.
    pub amount: Dong,
}

/// Reductions that count, one a row, without their landlords' names.
pub async fn reductions(conn: &mut Conn, bounds: &Bounds, limit: i64) -> Result<Vec<ReductionFigure>, sqlx::Error> {
    conn.sql(
        "with recursive below (id) as (
             select id from areas where id = $4
             union
             select a.id from areas a join below b on a.parent_id = b.id
         )
         select r.reference, a.name as area, r.status, count(distinct n.room_id) as rooms, count(*) as room_months,
             cast(sum(coalesce(n.confirmed, n.reduced)) as bigint) as amount
         from rent_reductions r join rent_lines n on n.reduction_id = r.id left join areas a on a.id = r.area_id
         where n.counted and n.month between $1 and $2
             and (cast($4 as uuid) is null or r.area_id in (select id from below))
         group by r.id, r.reference, a.name, r.status order by r.id limit $3",
    )
    .bind(bounds.first_month.clone())
    .bind(bounds.last_month.clone())
    .bind(limit)
    .bind(bounds.area_id)
    .all()
    .await
}
