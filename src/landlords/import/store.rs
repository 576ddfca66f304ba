//! The SQL of comparing a list of landlords with what is stored, and of storing all of it at once.

use std::collections::HashMap;

use serde::Serialize;

use crate::db::{Bytes, Conn, Tx, id_rows};
use crate::kernel::ids::{AreaId, ImportId, LandlordId, ReductionId, RentLineId, RoomId, UserId};
use crate::kernel::{Moment, Month, Within};
use crate::landlords::{CutKind, ReductionStatus};
use crate::places::AreaKind;

/// Rows that one statement takes.
const BATCH: usize = 5_000;

/// The areas that exist: id, name, kind.
pub async fn areas(conn: &mut Conn) -> Result<Vec<(AreaId, String, AreaKind)>, sqlx::Error> {
    conn.sql("select id, name, kind from areas where ends_on is null order by id limit 20000").all().await
}

/// What a row says, to find it again among what is stored.
#[derive(Debug, Serialize)]
pub struct KeyRow {
    /// The row's place in the caller's list.
    pub n: i64,
    /// Folded name.
    pub name_key: String,
    /// Keyed hash of the phone.
    pub phone_index: Option<Bytes>,
    pub address_key: String,
    pub rooms: i64,
    pub first: Month,
    pub last: Month,
    /// Rent per room and month.
    pub rent: i64,
    /// Cut per room and month.
    pub reduced: i64,
}

/// Which rows are stored already, as reductions that were not rejected: place and reduction; of other areas only that there
/// is one.
pub async fn stored_already(
    conn: &mut Conn,
    areas: &Within<AreaId>,
    keys: &[KeyRow],
) -> Result<HashMap<i64, Option<ReductionId>>, sqlx::Error> {
    let mut known = HashMap::new();
    for batch in keys.chunks(BATCH) {
        let found: Vec<(i64, Option<ReductionId>)> = conn
            .sql(
                "select p.n, case when {in $2: d.area_id} then d.id end from (
                     select r.id, r.area_id, r.landlord_id, count(distinct n.room_id) as rooms, min(n.month) as first,
                         max(n.month) as last, min(n.rent) as rent_min, max(n.rent) as rent_max,
                         min(n.reduced) as reduced_min, max(n.reduced) as reduced_max
                     from rent_reductions r join rent_lines n on n.reduction_id = r.id
                     where r.status <> 'rejected' group by r.id, r.area_id, r.landlord_id
                 ) d join landlords l on l.id = d.landlord_id
                 join rows($1: n bigint, name_key text, phone_index bytea, address_key text, rooms bigint, first text,
                     last text, rent bigint, reduced bigint) as p
                     on p.name_key = l.name_key and (p.phone_index = l.phone_index
                         or (p.phone_index is null and l.phone_index is null and p.address_key = l.address_key))
                 where d.rooms = p.rooms and d.first = p.first and d.last = p.last and d.rent_min = p.rent
                     and d.rent_max = p.rent and d.reduced_min = p.reduced and d.reduced_max = p.reduced",
            )
            .bind_rows(batch)
            .within(areas)
            .all()
            .await?;
        known.extend(found);
    }
    Ok(known)
}

/// A landlord of the list.
#[derive(Debug, Serialize)]
pub struct LandlordRow {
    /// An id, should the landlord be new.
    pub id: LandlordId,
    /// The landlord's number in the list.
    pub n: i64,
    /// The area, should the landlord be new.
    pub area_id: Option<AreaId>,
    /// Full name.
    pub name: String,
    /// Folded name.
    pub name_key: String,
    pub phone_sealed: Option<Bytes>,
    /// Keyed hash of the phone.
    pub phone_index: Option<Bytes>,
    pub address: String,
    pub address_key: String,
}

/// Stores the landlords that are new; the id of each by its number in the list.
pub async fn landlords(tx: &mut Tx, rows: &[LandlordRow], at: Moment) -> Result<HashMap<i64, LandlordId>, sqlx::Error> {
    let mut ids = HashMap::with_capacity(rows.len());
    for batch in rows.chunks(BATCH) {
        tx.sql(
            "insert into landlords
                 (id, area_id, name, name_key, phone_sealed, phone_index, address, address_key, created_at)
             select r.id, r.area_id, r.name, r.name_key, r.phone_sealed, r.phone_index, r.address, r.address_key, $2
             from rows($1: id uuid, area_id uuid, name text, name_key text, phone_sealed bytea, phone_index bytea,
                 address text, address_key text) as r where true
             on conflict do nothing",
        )
        .bind_rows(batch)
        .bind(at)
        .execute()
        .await?;
        let found: Vec<(i64, LandlordId)> = tx
            .sql(
                "select r.n, l.id from rows($1: n bigint, name_key text, phone_index bytea, address_key text) as r
                 join landlords l on l.name_key = r.name_key and (l.phone_index = r.phone_index
                     or (r.phone_index is null and l.phone_index is null and l.address_key = r.address_key))",
            )
            .bind_rows(batch)
            .all()
            .await?;
        ids.extend(found);
    }
    Ok(ids)
}

/// Room-months of these landlords that count already: landlord, room key, month. Locks the rooms first, so that
/// nobody verifies them meanwhile.
pub async fn counted(tx: &mut Tx, landlords: &[LandlordId]) -> Result<Vec<(LandlordId, String, Month)>, sqlx::Error> {
    let mut counted = Vec::new();
    for batch in landlords.chunks(BATCH) {
        let rows = id_rows(batch);
        let _: Vec<(RoomId,)> = tx
            .sql(
                "select m.id from rooms m where m.landlord_id in (select r.id from rows($1: id uuid) as r)
                 order by m.id {for update of m}",
            )
            .bind_rows(&rows)
            .all()
            .await?;
        let found: Vec<(LandlordId, String, Month)> = tx
            .sql(
                "select m.landlord_id, m.label_key, n.month from rooms m join rent_lines n on n.room_id = m.id
                 where n.counted and m.landlord_id in (select r.id from rows($1: id uuid) as r)",
            )
            .bind_rows(&rows)
            .all()
            .await?;
        counted.extend(found);
    }
    Ok(counted)
}

#[derive(Serialize)]
struct ReferenceRow<'a> {
    reference: &'a str,
}

/// Which of these references are in use.
pub async fn used_references(tx: &mut Tx, references: &[String]) -> Result<Vec<String>, sqlx::Error> {
    let mut used = Vec::new();
    for batch in references.chunks(BATCH) {
        let rows: Vec<ReferenceRow<'_>> = batch.iter().map(|reference| ReferenceRow { reference }).collect();
        let found: Vec<(String,)> = tx
            .sql(
                "select d.reference from rent_reductions d
                 join rows($1: reference text) as r on r.reference = d.reference",
            )
            .bind_rows(&rows)
            .all()
            .await?;
        used.extend(found.into_iter().map(|(reference,)| reference));
    }
    Ok(used)
}

/// A reduction of the list.
#[derive(Debug, Serialize)]
pub struct ReductionInsert {
    pub id: ReductionId,
    /// What the landlord may ask with.
    pub reference: String,
    /// Who cuts the rent.
    pub landlord_id: LandlordId,
    /// Whose head would verify it.
    pub area_id: Option<AreaId>,
    /// Remarks.
    pub note: String,
}

/// Who stores a list, when, and how far its reductions have come.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// The list.
    pub import_id: ImportId,
    /// `pledged`, `verified` or `confirmed`.
    pub status: ReductionStatus,
    pub by: UserId,
    pub at: Moment,
    /// Whether it counts.
    pub counted: bool,
    /// Whether it was given.
    pub confirmed: bool,
}

/// Stores the reductions of a list.
pub async fn insert_reductions(tx: &mut Tx, rows: &[ReductionInsert], how: Arrival) -> Result<(), sqlx::Error> {
    let verified = how.counted.then_some((how.by, how.at)).unzip();
    let confirmed = how.confirmed.then_some((how.by, how.at)).unzip();
    for batch in rows.chunks(BATCH) {
        tx.sql(
            "insert into rent_reductions (id, reference, landlord_id, area_id, note, status, import_id, submitted_by,
                 submitted_at, updated_at, verified_by, verified_at, confirmed_by, confirmed_at)
             select r.id, r.reference, r.landlord_id, r.area_id, r.note, $2, $3, $4, $5, $5, $6, $7, $8, $9
             from rows($1: id uuid, reference text, landlord_id uuid, area_id uuid, note text) as r",
        )
        .bind_rows(batch)
        .bind(how.status)
        .bind(how.import_id)
        .bind(how.by)
        .bind(how.at)
        .bind(verified.0)
        .bind(verified.1)
        .bind(confirmed.0)
        .bind(confirmed.1)
        .execute()
        .await?;
    }
    Ok(())
}

/// A room of the list, made when the landlord has none of that label.
#[derive(Debug, Serialize)]
pub struct RoomInsert {
    /// An id, should the room be new.
    pub id: RoomId,
    /// Whose room.
    pub landlord_id: LandlordId,
    pub label: String,
    pub label_key: String,
}

/// Stores the rooms that are new.
pub async fn insert_rooms(tx: &mut Tx, rows: &[RoomInsert]) -> Result<(), sqlx::Error> {
    for batch in rows.chunks(BATCH) {
        tx.sql(
            "insert into rooms (id, landlord_id, label, label_key)
             select r.id, r.landlord_id, r.label, r.label_key
             from rows($1: id uuid, landlord_id uuid, label text, label_key text) as r where true
             on conflict (landlord_id, label_key) do nothing",
        )
        .bind_rows(batch)
        .execute()
        .await?;
    }
    Ok(())
}

/// A room-month of the list.
#[derive(Debug, Serialize)]
pub struct LineInsert {
    pub id: RentLineId,
    pub reduction_id: ReductionId,
    /// Whose room.
    pub landlord_id: LandlordId,
    /// The room's key.
    pub label_key: String,
    pub month: Month,
    /// The month's rent.
    pub rent: i64,
    pub kind: CutKind,
    /// The share, for `percent`.
    pub percent_hundredths: Option<i64>,
    /// Đồng forgone.
    pub reduced: i64,
}

/// Stores the room-months of a list.
pub async fn insert_lines(tx: &mut Tx, rows: &[LineInsert], how: Arrival) -> Result<u64, sqlx::Error> {
    let mut stored = 0;
    for batch in rows.chunks(BATCH) {
        stored += tx
            .sql(
                "insert into rent_lines (id, reduction_id, room_id, tenant, month, rent, kind, percent_hundredths,
                     reduced, confirmed, counted)
                 select r.id, r.reduction_id, m.id, '', r.month, r.rent, r.kind, r.percent_hundredths, r.reduced,
                     case when $3 then r.reduced end, $2
                 from rows($1: id uuid, reduction_id uuid, landlord_id uuid, label_key text, month text, rent bigint,
                     kind text, percent_hundredths bigint, reduced bigint) as r
                 join rooms m on m.landlord_id = r.landlord_id and m.label_key = r.label_key",
            )
            .bind_rows(batch)
            .bind(how.counted)
            .bind(how.confirmed)
            .execute()
            .await?;
    }
    Ok(stored)
}
