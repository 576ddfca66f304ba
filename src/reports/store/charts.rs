//! The SQL of the report's charts.

use super::super::period::Bounds;
use crate::db::Conn;
use crate::kernel::{Dong, Moment, Month};

/// Packages handed over and not undone, by day: a moment of the day, and how many. At most 400 days, the newest.
pub async fn handed_out_by_day(conn: &mut Conn, bounds: &Bounds) -> Result<Vec<(Moment, i64)>, sqlx::Error> {
    conn.sql(
        "with recursive below (id) as (
             select id from areas where id = $3
             union
             select a.id from areas a join below b on a.parent_id = b.id
         ), given (at, units) as (
             select s.happened_at, s.units
             from handovers s
             where (cast($3 as uuid) is null or s.voucher_id in (
                     select v.id from vouchers v join households h on h.id = v.household_id
                     where h.area_id in (select id from below)))
         ), days (at, units) as (
             select min(at), sum(units) from given where at >= $1 and at < $2
             group by (at + 25200000000) / 86400000000 order by 1 desc limit 400
         )
         select at, cast(units as bigint) from days order by at",
    )
    .bind(bounds.since)
    .bind(bounds.until)
    .bind(bounds.area_id)
    .replan()
    .all()
    .await
}

/// Rent by month: confirmed, verified, pledged; each the đồng of its own status.
pub async fn rent_by_month(conn: &mut Conn, bounds: &Bounds) -> Result<Vec<(Month, Dong, Dong, Dong)>, sqlx::Error> {
    conn.sql(
        "with recursive below (id) as (
             select id from areas where id = $3
             union
             select a.id from areas a join below b on a.parent_id = b.id
         )
         select n.month,
             cast(coalesce(sum(case when r.status = 'confirmed' then n.confirmed end), 0) as bigint),
             cast(coalesce(sum(case when r.status = 'verified' then n.reduced end), 0) as bigint),
             cast(coalesce(sum(case when r.status = 'pledged' then n.reduced end), 0) as bigint)
         from rent_lines n join rent_reductions r on r.id = n.reduction_id
         where n.month between $1 and $2 and r.status in ('pledged', 'verified', 'confirmed')
             and (cast($3 as uuid) is null or r.area_id in (select id from below))
         group by n.month order by n.month",
    )
    .bind(bounds.first_month.clone())
    .bind(bounds.last_month.clone())
    .bind(bounds.area_id)
    .replan()
    .all()
    .await
}

/// Packages handed over and not undone, by neighbourhood; without a name: elsewhere in the ward.
pub async fn packages_by_neighbourhood(
    conn: &mut Conn,
    bounds: &Bounds,
) -> Result<Vec<(Option<String>, i64)>, sqlx::Error> {
    conn.sql(
        "with recursive tops (area_id, top_id) as (
             select id, id from areas where kind = 'neighbourhood'
             union
             select a.id, t.top_id from areas a join tops t on a.parent_id = t.area_id where a.kind <> 'neighbourhood'
         ), below (id) as (
             select id from areas where id = $3
             union
             select a.id from areas a join below b on a.parent_id = b.id
         ), given (area_id, units) as (
             select h.area_id, sum(s.units)
             from handovers s left join vouchers v on v.id = s.voucher_id left join households h on h.id = v.household_id
             where s.happened_at >= $1 and s.happened_at < $2
                 and (cast($3 as uuid) is null or h.area_id in (select id from below))
             group by h.area_id
         )
         select a.name, cast(sum(g.units) as bigint)
         from given g left join tops t on t.area_id = g.area_id left join areas a on a.id = t.top_id
         group by a.id, a.name, a.name_key order by a.name_key limit 60",
    )
    .bind(bounds.since)
    .bind(bounds.until)
    .bind(bounds.area_id)
    .replan()
    .all()
    .await
}
