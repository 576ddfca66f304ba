//! The SQL of areas and points.

use super::area_body::NewArea;
use super::point_body::NewPoint;
use super::{Area, Point, PointKind};
use crate::db::{Conn, Tx};
use crate::http::Cursor;
use crate::kernel::ids::{AreaId, PointId};
use crate::kernel::{Clock, Day, Moment, Within};

/// Stores an area.
pub async fn insert_area(tx: &mut Tx, clock: &Clock, id: AreaId, area: NewArea) -> Result<(), sqlx::Error> {
    tx.sql(
        "insert into areas (id, parent_id, name, name_key, kind, code, starts_on, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(id)
    .bind(area.parent_id)
    .bind(area.name.clone())
    .bind(area.name.to_lowercase())
    .bind(area.kind)
    .bind(area.code)
    .bind(area.starts_on)
    .bind(clock.now())
    .execute()
    .await?;
    for predecessor_id in area.predecessor_ids {
        tx.sql("insert into area_predecessors (area_id, predecessor_id) values ($1, $2)")
            .bind(id)
            .bind(predecessor_id)
            .execute()
            .await?;
    }
    Ok(())
}

/// One area.
pub async fn area(conn: &mut Conn, id: AreaId) -> Result<Option<Area>, sqlx::Error> {
    conn.sql("select id, parent_id, name, kind, code, starts_on, ends_on from areas where id = $1")
        .bind(id)
        .optional()
        .await
}

/// A page of the areas of a scope.
pub async fn areas(conn: &mut Conn, scope: &Within<AreaId>, cursor: Cursor) -> Result<Vec<Area>, sqlx::Error> {
    conn.sql(
        "select id, parent_id, name, kind, code, starts_on, ends_on from areas
         where id > $1 and {in $3: id} order by id limit $2",
    )
    .bind(cursor.after)
    .bind(cursor.fetch)
    .within(scope)
    .all()
    .await
}

pub use crate::people::store::places::areas_below as subtree;

/// What may change about an area.
#[derive(Debug)]
pub struct AreaState {
    pub name: String,
    /// The area it lies in.
    pub parent_id: Option<AreaId>,
    /// The official code.
    pub code: Option<String>,
    /// The last day it exists.
    pub ends_on: Option<Day>,
}

/// Changes an area.
pub async fn update_area(tx: &mut Tx, id: AreaId, state: AreaState) -> Result<u64, sqlx::Error> {
    tx.sql("update areas set name = $2, name_key = $3, parent_id = $4, code = $5, ends_on = $6 where id = $1")
        .bind(id)
        .bind(state.name.clone())
        .bind(state.name.to_lowercase())
        .bind(state.parent_id)
        .bind(state.code)
        .bind(state.ends_on)
        .execute()
        .await
}

/// Notes which areas took the place of one; what was noted before stays.
pub async fn link_successors(tx: &mut Tx, id: AreaId, successors: &[AreaId]) -> Result<(), sqlx::Error> {
    for successor_id in successors {
        tx.sql(
            "insert into area_predecessors (area_id, predecessor_id) values ($1, $2)
             on conflict (area_id, predecessor_id) do nothing",
        )
        .bind(*successor_id)
        .bind(id)
        .execute()
        .await?;
    }
    Ok(())
}

/// How many open areas and points lie directly in an area.
pub async fn open_inside(conn: &mut Conn, id: AreaId) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) = conn
        .sql(
            "select (select count(*) from areas where parent_id = $1 and ends_on is null)
                 + (select count(*) from points where area_id = $1 and closed_at is null)",
        )
        .bind(id)
        .one()
        .await?;
    Ok(count)
}

/// The areas that one was made of, or, of a closed one, those that took its place.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Relative {
    pub id: AreaId,
    pub name: String,
    /// Whether it came after.
    pub successor: bool,
}

/// Predecessors and successors of an area, those of a scope.
pub async fn relatives(conn: &mut Conn, scope: &Within<AreaId>, id: AreaId) -> Result<Vec<Relative>, sqlx::Error> {
    conn.sql(
        "select a.id, a.name, l.predecessor_id = $1 as successor from area_predecessors l
         join areas a on a.id = case when l.predecessor_id = $1 then l.area_id else l.predecessor_id end
         where ( l.area_id = $1 or l.predecessor_id = $1) and {in $2: a.id} order by a.name_key, a.id limit 200",
    )
    .bind(id)
    .within(scope)
    .all()
    .await
}

/// Stores a point under the next free number.
pub async fn insert_point(tx: &mut Tx, clock: &Clock, point: NewPoint) -> Result<Point, sqlx::Error> {
    let id = PointId::new(clock);
    tx.sql(
        "insert into points (id, number, name, kind, area_id, address, desks, created_at)
         select $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6, $7 from points",
    )
    .bind(id)
    .bind(point.name)
    .bind(point.kind)
    .bind(point.area_id)
    .bind(point.address)
    .bind(point.desks)
    .bind(clock.now())
    .execute()
    .await?;
    tx.sql("select id, number, name, kind, area_id, address, desks, closed_at from points where id = $1")
        .bind(id)
        .one()
        .await
}

/// One point.
pub async fn point(conn: &mut Conn, id: PointId) -> Result<Option<Point>, sqlx::Error> {
    conn.sql("select id, number, name, kind, area_id, address, desks, closed_at from points where id = $1")
        .bind(id)
        .optional()
        .await
}

/// A page of these points.
pub async fn points(conn: &mut Conn, points: &Within<PointId>, cursor: Cursor) -> Result<Vec<Point>, sqlx::Error> {
    conn.sql(
        "select id, number, name, kind, area_id, address, desks, closed_at from points
         where id > $1 and {in $3: id} order by id limit $2",
    )
    .bind(cursor.after)
    .bind(cursor.fetch)
    .within(points)
    .all()
    .await
}

/// One point, locked.
pub async fn lock_point(tx: &mut Tx, id: PointId) -> Result<Option<Point>, sqlx::Error> {
    tx.sql("select id, number, name, kind, area_id, address, desks, closed_at from points where id = $1 {for update}")
        .bind(id)
        .optional()
        .await
}

/// What may change about a point.
#[derive(Debug)]
pub struct PointState {
    pub name: String,
    /// The area it lies in.
    pub area_id: AreaId,
    /// Where people go.
    pub address: String,
    /// How many desks it has.
    pub desks: i64,
    /// When it was closed.
    pub closed_at: Option<Moment>,
}

/// Changes a point.
pub async fn update_point(tx: &mut Tx, id: PointId, state: PointState) -> Result<u64, sqlx::Error> {
    tx.sql("update points set name = $2, area_id = $3, address = $4, desks = $5, closed_at = $6 where id = $1")
        .bind(id)
        .bind(state.name)
        .bind(state.area_id)
        .bind(state.address)
        .bind(state.desks)
        .bind(state.closed_at)
        .execute()
        .await
}

/// What keeps a point from being closed.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct PointUse {
    /// Items of which it holds some, or owes some.
    pub items: i64,
    /// Rounds that are not closed.
    pub rounds: i64,
}

/// What still depends on a point. Stock and rounds lie with features above; a closed point must leave nothing behind there.
pub async fn point_use(conn: &mut Conn, id: PointId) -> Result<PointUse, sqlx::Error> {
    conn.sql(
        "select (select count(distinct item_id) from stock_levels where point_id = $1 and quantity <> 0) as items,
             (select count(*) from round_points p join rounds r on r.id = p.round_id
              where p.point_id = $1 and r.status <> 'closed') as rounds",
    )
    .bind(id)
    .one()
    .await
}

/// A point with its area's name, as a table shows it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedPoint {
    pub id: PointId,
    /// Its number in the code on paper.
    pub number: i64,
    pub name: String,
    pub kind: PointKind,
    /// The name of the area it lies in.
    pub area: String,
    /// Where people go.
    pub address: String,
    /// How many desks it has.
    pub desks: i64,
    /// When it was closed.
    pub closed_at: Option<Moment>,
}

/// These points in the order of their numbers: the open ones, or with `closed` all.
pub async fn listed_points(
    conn: &mut Conn,
    points: &Within<PointId>,
    closed: bool,
    limit: i64,
    offset: i64,
) -> Result<Vec<ListedPoint>, sqlx::Error> {
    conn.sql(
        "select p.id, p.number, p.name, p.kind, a.name as area, p.address, p.desks, p.closed_at
         from points p join areas a on a.id = p.area_id
         where (p.closed_at is null or $1) and {in $4: p.id}
         order by p.number limit $2 offset $3",
    )
    .bind(closed)
    .bind(limit)
    .bind(offset)
    .within(points)
    .all()
    .await
}

/// Areas of a scope that still exist, by name: what forms offer.
pub async fn open_areas(conn: &mut Conn, scope: &Within<AreaId>) -> Result<Vec<Area>, sqlx::Error> {
    conn.sql(
        "select id, parent_id, name, kind, code, starts_on, ends_on from areas
         where ends_on is null and {in $1: id} order by name_key, id limit 5000",
    )
    .within(scope)
    .all()
    .await
}

/// An area with what lies in it, as the tree shows it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct TreeArea {
    #[sqlx(flatten)]
    pub area: Area,
    /// Open points directly in it.
    pub points: i64,
}

/// Every area of a scope, closed ones too, in no order: [`super::tree`] puts them into one.
pub async fn all_areas(conn: &mut Conn, scope: &Within<AreaId>) -> Result<Vec<TreeArea>, sqlx::Error> {
    conn.sql(
        "select a.id, a.parent_id, a.name, a.kind, a.code, a.starts_on, a.ends_on, coalesce(p.points, 0) as points
         from areas a left join (
             select area_id, count(*) as points from points where closed_at is null group by area_id
         ) p on p.area_id = a.id
         where {in $1: a.id} limit 10000",
    )
    .within(scope)
    .all()
    .await
}

/// The ward's name, once there is one.
pub async fn ward_name(conn: &mut Conn) -> Result<Option<String>, sqlx::Error> {
    let found: Option<(String,)> = conn
        .sql(
            "select name from areas where kind = 'ward' and ends_on is null order by parent_id is not null, id limit 1",
        )
        .optional()
        .await?;
    Ok(found.map(|(name,)| name))
}

/// The open warehouses, two at most: to know whether there is exactly one.
pub async fn first_warehouses(conn: &mut Conn) -> Result<Vec<PointId>, sqlx::Error> {
    let rows: Vec<(PointId,)> = conn
        .sql("select id from points where kind = 'warehouse' and closed_at is null order by id limit 2")
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// An open point, for forms and headings.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Place {
    pub id: PointId,
    pub name: String,
    pub kind: PointKind,
}

/// These points in the order of their numbers, warehouses in front; closed ones too when asked for.
pub async fn places(conn: &mut Conn, points: &Within<PointId>, closed: bool) -> Result<Vec<Place>, sqlx::Error> {
    conn.sql(
        "select id, name, kind from points
         where ($3 or closed_at is null) and {in $1: id}
         order by case when kind = 'warehouse' then 0 else 1 end, number limit 5000",
    )
    .within(points)
    .bind(closed)
    .all()
    .await
}
