//! The SQL of taking an imported list back: its reductions, and the rooms and landlords that only it told of.

use crate::db::{Conn, Tx, id_rows};
use crate::kernel::Within;
use crate::kernel::ids::{AreaId, ImportId, LandlordId, ReductionId, RoomId};
use crate::landlords::reduction::ReductionStatus;

/// Locks the reductions of a list until the transaction ends; their areas.
pub async fn lock(tx: &mut Tx, import_id: ImportId) -> Result<Vec<Option<AreaId>>, sqlx::Error> {
    let locked: Vec<(Option<AreaId>,)> = tx
        .sql("select area_id from rent_reductions where import_id = $1 order by id {for update}")
        .bind(import_id)
        .all()
        .await?;
    Ok(locked.into_iter().map(|(area_id,)| area_id).collect())
}

/// A reduction that keeps its list from being taken back: somebody changed it since.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Dependant {
    /// Nothing when it lies out of reach.
    pub id: Option<ReductionId>,
    /// Empty when it lies out of reach.
    pub landlord: String,
    /// How far it has come.
    pub status: ReductionStatus,
}

/// The reductions of a list that were changed since: verified, corrected, rejected, confirmed.
pub async fn dependants(
    conn: &mut Conn,
    areas: &Within<AreaId>,
    import_id: ImportId,
    limit: i64,
) -> Result<Vec<Dependant>, sqlx::Error> {
    conn.sql(
        "select case when {in $3: r.area_id} then r.id end as id,
             case when {in $3: r.area_id} then l.name else '' end as landlord, r.status
         from rent_reductions r join landlords l on l.id = r.landlord_id
         where r.import_id = $1 and r.updated_at <> r.submitted_at order by r.id limit $2",
    )
    .bind(import_id)
    .bind(limit)
    .within(areas)
    .all()
    .await
}

/// How many they are.
pub async fn dependant_count(conn: &mut Conn, import_id: ImportId) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) = conn
        .sql("select count(*) from rent_reductions where import_id = $1 and updated_at <> submitted_at")
        .bind(import_id)
        .one()
        .await?;
    Ok(count)
}

/// Removes the reductions of a list, with the rooms and landlords of which nothing else tells; how many reductions.
pub async fn remove(tx: &mut Tx, import_id: ImportId) -> Result<u64, sqlx::Error> {
    let landlords: Vec<LandlordId> = named(
        tx.sql("select distinct landlord_id from rent_reductions where import_id = $1").bind(import_id).all().await?,
    );
    let rooms: Vec<RoomId> = named(
        tx.sql(
            "select distinct n.room_id from rent_lines n join rent_reductions r on r.id = n.reduction_id
             where r.import_id = $1",
        )
        .bind(import_id)
        .all()
        .await?,
    );
    tx.sql("delete from rent_lines where reduction_id in (select r.id from rent_reductions r where r.import_id = $1)")
        .bind(import_id)
        .execute()
        .await?;
    let removed = tx.sql("delete from rent_reductions where import_id = $1").bind(import_id).execute().await?;
    tx.sql(
        "delete from rooms where id in (select w.id from rows($1: id uuid) as w)
             and not exists (select 1 from rent_lines n where n.room_id = rooms.id)",
    )
    .bind_rows(&id_rows(&rooms))
    .execute()
    .await?;
    tx.sql(
        "delete from landlords where id in (select w.id from rows($1: id uuid) as w)
             and not exists (select 1 from rent_reductions r where r.landlord_id = landlords.id)
             and not exists (select 1 from rooms m where m.landlord_id = landlords.id)",
    )
    .bind_rows(&id_rows(&landlords))
    .execute()
    .await?;
    Ok(removed)
}

fn named<T>(rows: Vec<(T,)>) -> Vec<T> {
    rows.into_iter().map(|(id,)| id).collect()
}
