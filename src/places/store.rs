//! The SQL of areas and points.

use super::{Area, AreaId, AreaKind, Point, PointId, PointKind};
use crate::db::{Conn, Tx};
use crate::kernel::{Clock, Day};
use crate::web::Cursor;

/// An area to be made.
#[derive(Debug)]
pub struct NewArea {
    /// The area it lies in.
    pub parent_id: Option<AreaId>,
    /// Its name.
    pub name: String,
    /// The name's search key.
    pub name_key: String,
    /// What kind of unit it is.
    pub kind: AreaKind,
    /// The official code.
    pub code: Option<String>,
    /// The first day it exists.
    pub starts_on: Day,
    /// The areas it was made of.
    pub predecessor_ids: Vec<AreaId>,
}

/// A point to be made.
#[derive(Debug)]
pub struct NewPoint {
    /// Its name.
    pub name: String,
    /// What kind of place it is.
    pub kind: PointKind,
    /// The area it lies in.
    pub area_id: AreaId,
    /// Where people go.
    pub address: String,
    /// How many desks it has.
    pub desks: i64,
}

/// Stores an area.
pub async fn insert_area(tx: &mut Tx, clock: &Clock, area: NewArea) -> Result<Area, sqlx::Error> {
    let id = AreaId::new(clock);
    tx.sql(
        "insert into areas (id, parent_id, name, name_key, kind, code, starts_on, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(id)
    .bind(area.parent_id)
    .bind(area.name)
    .bind(area.name_key)
    .bind(area.kind.name())
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
    tx.sql("select id, parent_id, name, kind, code, starts_on, ends_on from areas where id = $1").bind(id).one().await
}

/// One area.
pub async fn area(conn: &mut Conn, id: AreaId) -> Result<Option<Area>, sqlx::Error> {
    conn.sql("select id, parent_id, name, kind, code, starts_on, ends_on from areas where id = $1")
        .bind(id)
        .optional()
        .await
}

/// A page of areas.
pub async fn areas(conn: &mut Conn, cursor: Cursor) -> Result<Vec<Area>, sqlx::Error> {
    conn.sql("select id, parent_id, name, kind, code, starts_on, ends_on from areas where id > $1 order by id limit $2")
        .bind(cursor.after)
        .bind(cursor.fetch)
        .all()
        .await
}

/// An area and all areas below it.
pub async fn subtree(conn: &mut Conn, id: AreaId) -> Result<Vec<AreaId>, sqlx::Error> {
    let rows: Vec<(AreaId,)> = conn
        .sql(
            "with recursive below (id) as (
                 select id from areas where id = $1
                 union
                 select a.id from areas a join below b on a.parent_id = b.id
             ) select id from below",
        )
        .bind(id)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Changes what is given of an area.
pub async fn update_area(
    tx: &mut Tx,
    id: AreaId,
    name: Option<(String, String)>,
    parent_id: Option<AreaId>,
    code: Option<String>,
    ends_on: Option<Day>,
) -> Result<u64, sqlx::Error> {
    let (name, name_key) = name.unzip();
    tx.sql(
        "update areas set name = coalesce($2, name), name_key = coalesce($3, name_key),
             parent_id = coalesce($4, parent_id), code = coalesce($5, code), ends_on = coalesce($6, ends_on)
         where id = $1",
    )
    .bind(id)
    .bind(name)
    .bind(name_key)
    .bind(parent_id)
    .bind(code)
    .bind(ends_on)
    .execute()
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
    .bind(point.kind.name())
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

/// A page of points.
pub async fn points(conn: &mut Conn, cursor: Cursor) -> Result<Vec<Point>, sqlx::Error> {
    conn.sql(
        "select id, number, name, kind, area_id, address, desks, closed_at from points
         where id > $1 order by id limit $2",
    )
    .bind(cursor.after)
    .bind(cursor.fetch)
    .all()
    .await
}

/// A point with its area's name, as a table shows it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedPoint {
    /// Its id.
    pub id: PointId,
    /// Its name.
    pub name: String,
    /// `distribution` or `warehouse`.
    pub kind: String,
    /// The name of the area it lies in.
    pub area: String,
    /// Where people go.
    pub address: String,
    /// How many desks it has.
    pub desks: i64,
}

/// Open points in the order of their numbers.
pub async fn listed_points(conn: &mut Conn, limit: i64, offset: i64) -> Result<Vec<ListedPoint>, sqlx::Error> {
    conn.sql(
        "select p.id, p.name, p.kind, a.name as area, p.address, p.desks
         from points p join areas a on a.id = p.area_id
         where p.closed_at is null order by p.number limit $1 offset $2",
    )
    .bind(limit)
    .bind(offset)
    .all()
    .await
}

/// Areas that still exist, by name: what forms offer.
pub async fn open_areas(conn: &mut Conn) -> Result<Vec<Area>, sqlx::Error> {
    conn.sql(
        "select id, parent_id, name, kind, code, starts_on, ends_on from areas
         where ends_on is null order by name_key, id limit 5000",
    )
    .all()
    .await
}
