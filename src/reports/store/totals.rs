//! The figures of the report.

use crate::db::Conn;
use crate::kernel::Dong;
use crate::reports::figures::{GoodsFigure, RentByStatus, RentOfStatus, RoundFigure};
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

/// What rent reductions come to.
#[derive(Default)]
pub struct RentFigures {
    /// Landlords whose reductions count.
    pub landlords: i64,
    /// What counts; its number of reductions is not asked for.
    pub counted: RentOfStatus,
    /// Each status, whether it counts or not.
    pub by_status: RentByStatus,
}

/// A row of them.
#[derive(sqlx::FromRow)]
struct RentSum {
    /// Nothing: verified and confirmed together.
    status: Option<String>,
    landlords: i64,
    reductions: i64,
    rooms: i64,
    room_months: i64,
    amount: Dong,
}

/// Landlords, distinct rooms, room-months and đồng that count, and those of each status.
pub async fn rent(conn: &mut Conn, bounds: &Bounds) -> Result<RentFigures, sqlx::Error> {
    // Counting distinct rooms and landlords goes three times as fast over one row a room, which both sums read.
    // `coalesce` keeps SQLite from looking up by month nearly every line there is.
    let sums: Vec<RentSum> = conn
        .sql(
            "with recursive below (id) as (
                 select id from areas where id = $3
                 union
                 select a.id from areas a join below b on a.parent_id = b.id
             ), rooms as (
                 select n.reduction_id, n.room_id, count(*) as months, sum(coalesce(n.confirmed, n.reduced)) as amount,
                     sum(case when n.counted then 1 else 0 end) as counted_months,
                     sum(case when n.counted then coalesce(n.confirmed, n.reduced) else 0 end) as counted
                 from rent_lines n
                 where coalesce(n.month, '') between $1 and $2 and coalesce(n.confirmed, n.reduced) > 0
                 group by n.reduction_id, n.room_id
             ), found as materialized (
                 select k.room_id, k.months, k.amount, k.counted_months, k.counted, r.id, r.landlord_id, r.status
                 from rooms k join rent_reductions r on r.id = k.reduction_id
                 where (cast($3 as uuid) is null or r.area_id in (select id from below))
             )
             select cast(null as text) as status, count(distinct f.landlord_id) as landlords,
                 cast(0 as bigint) as reductions, count(distinct f.room_id) as rooms,
                 cast(coalesce(sum(f.counted_months), 0) as bigint) as room_months,
                 cast(coalesce(sum(f.counted), 0) as bigint) as amount
             from found f where f.counted_months > 0
             union all
             select f.status, cast(0 as bigint), count(distinct f.id), count(distinct f.room_id),
                 cast(sum(f.months) as bigint), cast(sum(f.amount) as bigint)
             from found f group by f.status",
        )
        .bind(bounds.first_month.clone())
        .bind(bounds.last_month.clone())
        .bind(bounds.area_id)
        .replan()
        .all()
        .await?;
    let mut figures = RentFigures::default();
    for sum in sums {
        let RentSum { status, landlords, reductions, rooms, room_months, amount } = sum;
        let of_status = RentOfStatus { reductions, rooms, room_months, amount };
        match status.as_deref() {
            None => {
                figures.landlords = landlords;
                figures.counted = of_status;
            }
            Some("pledged") => figures.by_status.pledged = of_status,
            Some("verified") => figures.by_status.verified = of_status,
            Some("confirmed") => figures.by_status.confirmed = of_status,
            Some("withdrawn") => figures.by_status.withdrawn = of_status,
            Some(_) => figures.by_status.rejected = of_status,
        }
    }
    Ok(figures)
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
    /// Packages.
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
            "with recursive below (id) as (
                 select id from areas where id = $4
                 union
                 select a.id from areas a join below b on a.parent_id = b.id
             ), given (round_id, packages, value) as (
                 select s.round_id, sum(s.units), sum(s.units * p.value)
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
    .replan()
    .all()
    .await
}
