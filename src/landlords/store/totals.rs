//! The SQL of what rent reductions come to, for the report: by status, month and neighbourhood, and one by one.

use crate::db::Conn;
use crate::http::Cursor;
use crate::kernel::ids::{AreaId, ReductionId, RentLineId, RoomId};
use crate::kernel::{Dong, Month};
use crate::landlords::{CutKind, ReductionStatus};

/// The months that are summed up, and of which area; nothing: of the whole ward.
#[derive(Clone, Debug)]
pub struct Span {
    /// As they are stored: `2021-08`.
    pub first_month: String,
    /// Inclusive.
    pub last_month: String,
    /// It and all areas below it.
    pub area_id: Option<AreaId>,
}

/// Landlords, reductions, rooms, room-months and đồng of one status.
#[derive(sqlx::FromRow)]
pub struct RentSum {
    /// Nothing: what counts, verified and confirmed together; its number of reductions is not asked for.
    pub status: Option<ReductionStatus>,
    pub landlords: i64,
    pub reductions: i64,
    pub rooms: i64,
    pub room_months: i64,
    pub amount: Dong,
}

/// Landlords, distinct rooms, room-months and đồng that count, and those of each status.
pub async fn sums_by_status(conn: &mut Conn, span: &Span) -> Result<Vec<RentSum>, sqlx::Error> {
    // Counting distinct rooms and landlords goes three times as fast over one row a room, which both sums read.
    // `coalesce` keeps SQLite from looking up by month nearly every line there is.
    conn.sql(
        "with recursive below as (
                 select id from areas where id = $3
                 union
                 select a.id from areas a join below b on a.parent_id = b.id
             ), by_room as (
                 select n.reduction_id, n.room_id, count(*) as months, sum(coalesce(n.confirmed, n.reduced)) as amount,
                     sum(case when n.counted then 1 else 0 end) as counted_months,
                     sum(case when n.counted then coalesce(n.confirmed, n.reduced) else 0 end) as counted
                 from rent_lines n
                 where coalesce(n.month, '') between $1 and $2 and coalesce(n.confirmed, n.reduced) > 0
                 group by n.reduction_id, n.room_id
             ), found as materialized (
                 select k.room_id, k.months, k.amount, k.counted_months, k.counted, r.id, r.landlord_id, r.status
                 from by_room k join rent_reductions r on r.id = k.reduction_id
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
    .bind(span.first_month.clone())
    .bind(span.last_month.clone())
    .bind(span.area_id)
    .replan()
    .all()
    .await
}

/// Rent by month: confirmed, verified, pledged; each the đồng of its own status.
pub async fn by_month(conn: &mut Conn, span: &Span) -> Result<Vec<(Month, Dong, Dong, Dong)>, sqlx::Error> {
    conn.sql(
        "with recursive below as (
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
    .bind(span.first_month.clone())
    .bind(span.last_month.clone())
    .bind(span.area_id)
    .replan()
    .all()
    .await
}

/// Rent forgone by neighbourhood: its id and name (none: elsewhere in the ward), landlords, rooms, đồng.
pub async fn by_neighbourhood(
    conn: &mut Conn,
) -> Result<Vec<(Option<AreaId>, Option<String>, i64, i64, Dong)>, sqlx::Error> {
    conn.sql(
        "with recursive tops as (
             select id as area_id, id as top_id from areas where kind = 'neighbourhood'
             union
             select a.id, t.top_id from areas a join tops t on a.parent_id = t.area_id where a.kind <> 'neighbourhood'
         ), by_room as materialized (
             select n.reduction_id, n.room_id, sum(coalesce(n.confirmed, n.reduced)) as amount
             from rent_lines n where n.counted group by n.reduction_id, n.room_id
         )
         select a.id, a.name, count(distinct r.landlord_id), count(distinct k.room_id), cast(sum(k.amount) as bigint)
         from by_room k join rent_reductions r on r.id = k.reduction_id left join tops t on t.area_id = r.area_id
         left join areas a on a.id = t.top_id
         group by a.id, a.name order by a.name limit 1000",
    )
    .all()
    .await
}

/// A reduction that counts.
#[derive(Debug, sqlx::FromRow)]
pub struct CountedReduction {
    /// What the landlord was given to ask about it.
    pub reference: String,
    /// The neighbourhood.
    pub area: Option<String>,
    /// How far it has come.
    pub status: ReductionStatus,
    /// Distinct rooms.
    pub rooms: i64,
    pub room_months: i64,
    /// Đồng forgone.
    pub amount: Dong,
}

/// Reductions that count, one a row, without their landlords' names.
pub async fn counted(conn: &mut Conn, span: &Span, limit: i64) -> Result<Vec<CountedReduction>, sqlx::Error> {
    conn.sql(
        "with recursive below as (
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
    .bind(span.first_month.clone())
    .bind(span.last_month.clone())
    .bind(limit)
    .bind(span.area_id)
    .replan()
    .all()
    .await
}

/// A room-month that counts.
#[derive(Debug, sqlx::FromRow)]
pub struct CountedLine {
    pub id: RentLineId,
    pub month: Month,
    pub kind: CutKind,
    /// The room's label.
    pub room: String,
    pub amount: Dong,
    pub reduction_id: ReductionId,
    pub room_id: RoomId,
}

/// A page of the room-months that count.
pub async fn counted_lines(conn: &mut Conn, span: &Span, cursor: Cursor) -> Result<Vec<CountedLine>, sqlx::Error> {
    conn.sql(
        "with recursive below as (
             select id from areas where id = $5
             union
             select a.id from areas a join below b on a.parent_id = b.id
         )
         select n.id, n.month, n.kind, m.label as room, coalesce(n.confirmed, n.reduced) as amount, n.reduction_id,
             n.room_id
         from rent_lines n join rooms m on m.id = n.room_id
         join rent_reductions r on r.id = n.reduction_id
         where n.counted and n.month between $1 and $2 and n.id > $3
             and (cast($5 as uuid) is null or r.area_id in (select id from below))
         order by n.id limit $4",
    )
    .bind(span.first_month.clone())
    .bind(span.last_month.clone())
    .bind(cursor.after)
    .bind(cursor.fetch)
    .bind(span.area_id)
    .all()
    .await
}
