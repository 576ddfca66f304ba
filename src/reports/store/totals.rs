//! The figures of the report.

use crate::db::Conn;
use crate::kernel::Dong;
use crate::reports::figures::{GoodsFigure, RoundFigure};
use crate::reports::period::Bounds;

/// Items and rounds that a report names at most.
const NAMED_MAX: i64 = 5_000;

/// What donors gave, but for loose goods.
#[derive(sqlx::FromRow)]
pub struct Donated {
    /// Ready-made packages.
    pub packages: i64,
    /// Their value.
    pub packages_value: Dong,
    /// Money.
    pub cash: Dong,
}

/// What donors gave in the period.
pub async fn donated(conn: &mut Conn, bounds: &Bounds) -> Result<Donated, sqlx::Error> {
    conn.sql(
        "select cast(coalesce(sum(case when l.kind = 'packages' then l.quantity end), 0) as bigint) as packages,
             cast(coalesce(sum(case when l.kind = 'packages' then l.value end), 0) as bigint) as packages_value,
             cast(coalesce(sum(case when l.kind = 'cash' then l.value end), 0) as bigint) as cash
         from donation_lines l join donations d on d.id = l.donation_id
         where l.kind in ('packages', 'cash') and d.received_on between $1 and $2",
    )
    .bind(bounds.first_day.clone())
    .bind(bounds.last_day.clone())
    .replan()
    .one()
    .await
}

/// Each item's flow in the period and its stock now; items without either are left out. What was handed out is counted
/// from the handovers, a fraction of the ledger's entries, which `lalanh doctor` compares with it.
pub async fn goods(conn: &mut Conn, bounds: &Bounds) -> Result<Vec<GoodsFigure>, sqlx::Error> {
    let items: Vec<GoodsFigure> = conn
        .sql(
            "with given as (
                 select l.item_id, l.quantity as loose, 0 as packed
                 from donation_lines l join donations d on d.id = l.donation_id
                 where l.kind = 'goods' and d.received_on between $1 and $2
                 union all
                 select c.item_id, 0, l.quantity * c.quantity
                 from donation_lines l join donations d on d.id = l.donation_id
                 join package_items c on c.package_id = l.package_id
                 where l.kind = 'packages' and d.received_on between $1 and $2
             ), received as (
                 select item_id, sum(loose) as loose, sum(packed) as packed from given group by item_id
             ), served as (
                 select s.package_id, s.units from scans s
                 where s.handover is not null and s.received_at >= $3 and s.received_at < $4
                 union all
                 select s.package_id, -s.units from reversals v join scans s on s.nonce = v.nonce
                 where s.handover is not null and v.at >= $3 and v.at < $4
             ), handed as (
                 select c.item_id, sum(p.units * c.quantity) as quantity
                 from (select package_id, sum(units) as units from served group by package_id) p
                 join package_items c on c.package_id = p.package_id group by c.item_id
             ), corrected as (
                 select e.item_id, sum(case when e.reason = 'spoiled' then -e.quantity else 0 end) as spoiled,
                     sum(case when e.reason <> 'spoiled' then e.quantity else 0 end) as adjusted
                 from stock_entries e
                 where e.reason in ('spoiled', 'counted', 'lost', 'other') and e.at >= $3 and e.at < $4
                 group by e.item_id
             ), levels as (
                 select item_id, sum(quantity) as quantity from stock_levels group by item_id
             )
             select i.id as item_id, i.name, i.unit, i.decimals,
                 cast(coalesce(g.loose + g.packed, 0) as bigint) as received,
                 cast(coalesce(g.loose, 0) as bigint) as received_loose,
                 cast(coalesce(m.quantity, 0) as bigint) as handed_out,
                 cast(coalesce(e.spoiled, 0) as bigint) as spoiled,
                 cast(coalesce(e.adjusted, 0) as bigint) as adjusted,
                 cast(coalesce(v.quantity, 0) as bigint) as on_hand
             from items i left join received g on g.item_id = i.id left join handed m on m.item_id = i.id
             left join corrected e on e.item_id = i.id left join levels v on v.item_id = i.id
             order by i.name_key, i.id limit $5",
        )
        .bind(bounds.first_day.clone())
        .bind(bounds.last_day.clone())
        .bind(bounds.since)
        .bind(bounds.until)
        .bind(NAMED_MAX)
        .replan()
        .all()
        .await?;
    let moved = |item: &GoodsFigure| {
        [item.received, item.handed_out, item.spoiled, item.adjusted, item.on_hand].iter().any(|n| n.0 != 0)
    };
    Ok(items.into_iter().filter(moved).collect())
}

/// What was handed over and not undone.
#[derive(Default)]
pub struct HandedOut {
    pub packages: i64,
    /// Their value.
    pub value: Dong,
    /// Rounds that were open in the period, or handed out in it, with what they handed out.
    pub rounds: Vec<RoundFigure>,
}

/// Packages handed over and not undone, in all and by round: a package leaves by a voucher, a voucher is of a round.
pub async fn handed_out(conn: &mut Conn, bounds: &Bounds) -> Result<HandedOut, sqlx::Error> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(flatten)]
        round: RoundFigure,
        all_packages: i64,
        all_value: Dong,
    }
    let rows: Vec<Row> = conn
        .sql(
            "with recursive below as (
                 select id from areas where id = $4
                 union
                 select a.id from areas a join below b on a.parent_id = b.id
             ), given as (
                 select s.round_id, sum(s.units) as packages, sum(s.units * p.value) as value
                 from handovers s left join packages p on p.id = s.package_id
                 where s.happened_at >= $1 and s.happened_at < $2
                     and (cast($4 as uuid) is null or s.voucher_id in (
                         select v.id from vouchers v join households h on h.id = v.household_id
                         where h.area_id in (select id from below)))
                 group by s.round_id
             )
             select r.id, r.number, r.name, cast(coalesce(g.packages, 0) as bigint) as packages,
                 cast(coalesce(g.value, 0) as bigint) as value,
                 cast(coalesce(sum(g.packages) over (), 0) as bigint) as all_packages,
                 cast(coalesce(sum(g.value) over (), 0) as bigint) as all_value
             from rounds r left join given g on g.round_id = r.id
             where g.packages > 0 or (r.starts_at < $2 and r.ends_at >= $1) order by r.number limit $3",
        )
        .bind(bounds.since)
        .bind(bounds.until)
        .bind(NAMED_MAX)
        .bind(bounds.area_id)
        .replan()
        .all()
        .await?;
    let Some(first) = rows.first() else { return Ok(HandedOut::default()) };
    let (packages, value) = (first.all_packages, first.all_value);
    Ok(HandedOut { packages, value, rounds: rows.into_iter().map(|row| row.round).collect() })
}
