//! The SQL of the areas and points that logins and phones are confined to. They lie in the feature above.

use crate::db::{Conn, id_rows};
use crate::kernel::ids::{AreaId, PointId};

/// An area and all areas below it. What a login reaches is made of them.
pub async fn areas_below(conn: &mut Conn, area_id: AreaId) -> Result<Vec<AreaId>, sqlx::Error> {
    let rows: Vec<(AreaId,)> = conn
        .sql(
            "with recursive below as (
                 select id from areas where id = $1
                 union
                 select a.id from areas a join below b on a.parent_id = b.id
             ) select id from below",
        )
        .bind(area_id)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// All points of an area and of the areas below it.
pub(super) async fn points_below(conn: &mut Conn, area_id: AreaId) -> Result<Vec<PointId>, sqlx::Error> {
    let rows: Vec<(PointId,)> = conn
        .sql(
            "with recursive below as (
                 select id from areas where id = $1
                 union
                 select a.id from areas a join below b on a.parent_id = b.id
             ) select p.id from points p join below b on p.area_id = b.id",
        )
        .bind(area_id)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Which of these points do not exist. A login's scope must name real ones.
pub async fn unknown_points(conn: &mut Conn, points: &[PointId]) -> Result<Vec<PointId>, sqlx::Error> {
    let rows: Vec<(PointId,)> = conn
        .sql("select r.id from rows($1: id uuid) as r where not exists (select 1 from points p where p.id = r.id)")
        .bind_rows(&id_rows(points))
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Whether this area exists.
pub async fn area_exists(conn: &mut Conn, id: AreaId) -> Result<bool, sqlx::Error> {
    let (count,): (i64,) = conn.sql("select count(*) from areas where id = $1").bind(id).one().await?;
    Ok(count > 0)
}

/// Open areas by id with their names, each group's behind its neighbourhood's: what a login may be confined to.
pub async fn areas(conn: &mut Conn) -> Result<Vec<(AreaId, String)>, sqlx::Error> {
    conn.sql(
        "select a.id, case when p.kind = 'neighbourhood' then p.name || ' › ' || a.name else a.name end as label
         from areas a left join areas p on p.id = a.parent_id
         where a.ends_on is null order by a.name_key, a.id limit 5000",
    )
    .all()
    .await
}

/// An area's name.
pub async fn area_name(conn: &mut Conn, id: AreaId) -> Result<Option<String>, sqlx::Error> {
    let row: Option<(String,)> = conn.sql("select name from areas where id = $1").bind(id).optional().await?;
    Ok(row.map(|(name,)| name))
}

/// Open points by id with their names.
pub async fn points(conn: &mut Conn) -> Result<Vec<(PointId, String)>, sqlx::Error> {
    conn.sql("select id, name from points where closed_at is null order by kind, number limit 1000").all().await
}

/// The names of wards: a password must not be made of one.
pub async fn ward_names(conn: &mut Conn) -> Result<Vec<String>, sqlx::Error> {
    let rows: Vec<(String,)> = conn.sql("select name from areas where kind = 'ward' limit 20").all().await?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}
