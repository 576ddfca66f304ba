//! The SQL of the report's charts.

use super::super::period::Bounds;
use crate::db::Conn;
use crate::kernel::Moment;

/// Packages handed over and not undone, by day: a moment of the day, and how many. At most 400 days, the newest.
pub async fn handed_out_by_day(conn: &mut Conn, bounds: &Bounds) -> Result<Vec<(Moment, i64)>, sqlx::Error> {
    conn.sql(
        "with recursive below as (
             select id from areas where id = $3
             union
             select a.id from areas a join below b on a.parent_id = b.id
         ), given as (
             select s.happened_at as at, s.units
             from handovers s
             where (cast($3 as uuid) is null or s.voucher_id in (
                     select v.id from vouchers v join households h on h.id = v.household_id
                     where h.area_id in (select id from below)))
         ), days as (
             select min(g.at) as at, sum(g.units) as units from given g where g.at >= $1 and g.at < $2
             group by (g.at + 25200000000) / 86400000000 order by 1 desc limit 400
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

/// Packages handed over and not undone, by neighbourhood; without a name: elsewhere in the ward.
pub async fn packages_by_neighbourhood(
    conn: &mut Conn,
    bounds: &Bounds,
) -> Result<Vec<(Option<String>, i64)>, sqlx::Error> {
    conn.sql(
        "with recursive tops as (
             select id as area_id, id as top_id from areas where kind = 'neighbourhood'
             union
             select a.id, t.top_id from areas a join tops t on a.parent_id = t.area_id where a.kind <> 'neighbourhood'
         ), below as (
             select id from areas where id = $3
             union
             select a.id from areas a join below b on a.parent_id = b.id
         ), given as (
             select h.area_id, sum(s.units) as units
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
