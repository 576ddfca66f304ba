//! The SQL of what is published: totals by neighbourhood, organisations that gave, and whether it is published.

use crate::db::{Conn, Tx};
use crate::kernel::Dong;
use crate::kernel::ids::AreaId;
use crate::people::store::settings;

/// The setting that publishes the summary.
const KEY: &str = "public_disclosure";

/// Whether the summary is published.
pub async fn is_published(conn: &mut Conn) -> Result<bool, sqlx::Error> {
    Ok(settings::value(conn, KEY).await?.is_some_and(|value| value == "on"))
}

/// Publishes the summary, or takes it back.
pub async fn publish(tx: &mut Tx, enabled: bool) -> Result<u64, sqlx::Error> {
    settings::put(tx, KEY, if enabled { "on" } else { "off" }).await
}

/// Packages handed out by neighbourhood: its id and name (none: elsewhere in the ward), packages, value.
pub async fn packages(conn: &mut Conn) -> Result<Vec<(Option<AreaId>, Option<String>, i64, Dong)>, sqlx::Error> {
    conn.sql(
        "with recursive tops as (
             select id as area_id, id as top_id from areas where kind = 'neighbourhood'
             union
             select a.id, t.top_id from areas a join tops t on a.parent_id = t.area_id where a.kind <> 'neighbourhood'
         ), given as (
             select h.area_id, sum(s.units) as units, sum(s.units * p.value) as value
             from handovers s left join packages p on p.id = s.package_id left join vouchers v on v.id = s.voucher_id
             left join households h on h.id = v.household_id
             group by h.area_id
         )
         select a.id, a.name, cast(sum(g.units) as bigint), cast(coalesce(sum(g.value), 0) as bigint)
         from given g left join tops t on t.area_id = g.area_id left join areas a on a.id = t.top_id
         group by a.id, a.name order by a.name limit 1000",
    )
    .all()
    .await
}

/// Organisations that gave and may be named, with the value of what they gave.
pub async fn organisations(conn: &mut Conn) -> Result<Vec<(String, Dong)>, sqlx::Error> {
    conn.sql(
        "select o.name, cast(sum(l.value) as bigint)
         from donors o join donations d on d.donor_id = o.id join donation_lines l on l.donation_id = d.id
         where o.kind = 'organisation' and not o.anonymous group by o.id, o.name, o.name_key
         order by o.name_key limit 1000",
    )
    .all()
    .await
}

/// Donors who are not named: people and those who asked for it. How many, and the value of what they gave.
pub async fn unnamed_donors(conn: &mut Conn) -> Result<(i64, Dong), sqlx::Error> {
    conn.sql(
        "select count(distinct o.id), cast(coalesce(sum(l.value), 0) as bigint)
         from donors o join donations d on d.donor_id = o.id join donation_lines l on l.donation_id = d.id
         where o.kind = 'person' or o.anonymous",
    )
    .one()
    .await
}
