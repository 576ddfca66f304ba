//! The SQL of reductions' lines and of the rooms they name.

use serde::Serialize;

use crate::db::{Conn, Tx, id_rows};
use crate::kernel::ids::{AreaId, LandlordId, ReductionId, RentLineId, RoomId};
use crate::kernel::{Clock, Month, Within};
use crate::landlords::CutKind;
use crate::landlords::rent_line::RentLine;
use crate::landlords::room::NewLine;

#[derive(Serialize)]
struct RoomRow<'a> {
    id: RoomId,
    label: &'a str,
    label_key: &'a str,
}

#[derive(Serialize)]
struct LineRow<'a> {
    id: RentLineId,
    label_key: &'a str,
    tenant: &'a str,
    month: Month,
    rent: i64,
    kind: CutKind,
    percent_hundredths: Option<i64>,
    reduced: i64,
}

/// Stores the lines of a pledge, and the landlord's rooms that are new.
pub async fn insert_lines(
    tx: &mut Tx,
    clock: &Clock,
    id: ReductionId,
    landlord_id: LandlordId,
    lines: &[NewLine],
) -> Result<(), sqlx::Error> {
    let mut rooms: Vec<RoomRow<'_>> = lines
        .iter()
        .map(|line| RoomRow { id: RoomId::new(clock), label: &line.room, label_key: &line.room_key })
        .collect();
    // In one order everywhere, so that two pledges of one landlord wait for each other instead of deadlocking.
    rooms.sort_by_key(|room| room.label_key);
    rooms.dedup_by_key(|room| room.label_key);
    tx.sql(
        "insert into rooms (id, landlord_id, label, label_key)
         select r.id, $2, r.label, r.label_key from rows($1: id uuid, label text, label_key text) as r where true
         on conflict (landlord_id, label_key) do nothing",
    )
    .bind_rows(&rooms)
    .bind(landlord_id)
    .execute()
    .await?;
    let rows: Vec<LineRow<'_>> = lines
        .iter()
        .map(|line| LineRow {
            id: RentLineId::new(clock),
            label_key: &line.room_key,
            tenant: &line.tenant,
            month: line.month,
            rent: line.rent.0,
            kind: line.kind,
            percent_hundredths: line.percent_hundredths,
            reduced: line.reduced.0,
        })
        .collect();
    tx.sql(
        "insert into rent_lines
             (id, reduction_id, room_id, tenant, month, rent, kind, percent_hundredths, reduced, counted)
         select r.id, $2, m.id, r.tenant, r.month, r.rent, r.kind, r.percent_hundredths, r.reduced, false
         from rows($1: id uuid, label_key text, tenant text, month text, rent bigint, kind text,
             percent_hundredths bigint, reduced bigint) as r
         join rooms m on m.landlord_id = $3 and m.label_key = r.label_key",
    )
    .bind_rows(&rows)
    .bind(id)
    .bind(landlord_id)
    .execute()
    .await?;
    Ok(())
}

/// The lines of a reduction, by month and room.
pub async fn lines(conn: &mut Conn, id: ReductionId) -> Result<Vec<RentLine>, sqlx::Error> {
    conn.sql(
        "select n.id, n.room_id, m.label as room, n.tenant, n.month, n.rent, n.kind, n.percent_hundredths, n.reduced,
             n.confirmed, n.counted
         from rent_lines n join rooms m on m.id = n.room_id where n.reduction_id = $1 order by n.month, n.id",
    )
    .bind(id)
    .all()
    .await
}

/// Takes a pledge's lines away, to be written anew.
pub async fn delete_lines(tx: &mut Tx, id: ReductionId) -> Result<u64, sqlx::Error> {
    tx.sql("delete from rent_lines where reduction_id = $1 and not counted").bind(id).execute().await
}

/// Gives a pledge's lines to rooms of the same labels with another landlord.
pub async fn move_lines(
    tx: &mut Tx,
    clock: &Clock,
    id: ReductionId,
    landlord_id: LandlordId,
) -> Result<(), sqlx::Error> {
    let labels: Vec<(String, String)> = tx
        .sql(
            "select distinct m.label, m.label_key from rent_lines n join rooms m on m.id = n.room_id
             where n.reduction_id = $1 order by m.label_key",
        )
        .bind(id)
        .all()
        .await?;
    let rooms: Vec<RoomRow<'_>> =
        labels.iter().map(|(label, label_key)| RoomRow { id: RoomId::new(clock), label, label_key }).collect();
    tx.sql(
        "insert into rooms (id, landlord_id, label, label_key)
         select r.id, $2, r.label, r.label_key from rows($1: id uuid, label text, label_key text) as r where true
         on conflict (landlord_id, label_key) do nothing",
    )
    .bind_rows(&rooms)
    .bind(landlord_id)
    .execute()
    .await?;
    tx.sql(
        "update rent_lines set room_id = (
             select t.id from rooms t join rooms f on f.label_key = t.label_key
             where t.landlord_id = $2 and f.id = rent_lines.room_id)
         where reduction_id = $1",
    )
    .bind(id)
    .bind(landlord_id)
    .execute()
    .await?;
    Ok(())
}

/// A line with the reduction it belongs to.
#[derive(Debug, sqlx::FromRow)]
pub struct LineOf {
    pub reduction_id: ReductionId,
    #[sqlx(flatten)]
    pub line: RentLine,
}

/// The lines of some reductions, by month and room.
pub async fn lines_of(conn: &mut Conn, ids: &[ReductionId]) -> Result<Vec<LineOf>, sqlx::Error> {
    let ids = id_rows(ids);
    conn.sql(
        "select n.reduction_id, n.id, n.room_id, m.label as room, n.tenant, n.month, n.rent, n.kind,
             n.percent_hundredths, n.reduced, n.confirmed, n.counted
         from rows($1: id uuid) as w join rent_lines n on n.reduction_id = w.id join rooms m on m.id = n.room_id
         order by n.month, n.id",
    )
    .bind_rows(&ids)
    .all()
    .await
}

/// That a reduction names a room's month which another open or counted one names too.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Overlap {
    pub reduction_id: ReductionId,
    /// The other one; nothing when it lies out of reach.
    pub other_id: Option<ReductionId>,
    /// What its landlord was given to ask with; empty when it lies out of reach.
    pub reference: String,
}

/// Where some reductions name the same room and month as others; of those in other areas only that there are any.
pub async fn overlaps(
    conn: &mut Conn,
    areas: &Within<AreaId>,
    ids: &[ReductionId],
) -> Result<Vec<Overlap>, sqlx::Error> {
    let ids = id_rows(ids);
    conn.sql(
        "select distinct n.reduction_id, case when {in $2: x.area_id} then x.id end as other_id,
             case when {in $2: x.area_id} then x.reference else '' end as reference
         from rows($1: id uuid) as w join rent_lines n on n.reduction_id = w.id
         join rent_lines o on o.room_id = n.room_id and o.month = n.month and o.reduction_id <> n.reduction_id
         join rent_reductions x on x.id = o.reduction_id and x.status in ('pledged', 'verified', 'confirmed')
         order by reference",
    )
    .bind_rows(&ids)
    .within(areas)
    .all()
    .await
}
