//! The SQL of comparing a list with the registry.

use serde::Serialize;

use crate::db::{Bytes, Conn};
use crate::kernel::Day;
use crate::kernel::ids::{AreaId, HouseholdId};
use crate::places::AreaKind;

/// An area as the database tells it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AreaRow {
    pub id: AreaId,
    /// The area it lies in.
    pub parent_id: Option<AreaId>,
    pub name: String,
    pub kind: AreaKind,
}

/// The areas that exist on a day.
pub async fn areas(conn: &mut Conn, on: Day) -> Result<Vec<AreaRow>, sqlx::Error> {
    conn.sql("select id, parent_id, name, kind from areas where ends_on is null or ends_on >= $1 order by id")
        .bind(on)
        .all()
        .await
}

/// The keys of one row, ready for a batch.
#[derive(Serialize)]
pub struct KeyRow {
    /// The row's place in the list.
    pub n: i64,
    /// Keyed hash of the id number.
    pub citizen: Option<Bytes>,
    /// Keyed hash of the phone.
    pub phone: Option<Bytes>,
    /// The folded name.
    pub name_key: String,
    /// The folded address.
    pub address_key: String,
}

/// A stored household that is the same as a row, and what is not known of it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Same {
    /// The row's place in the list.
    pub n: i64,
    pub id: HouseholdId,
    pub area_id: AreaId,
    /// 0: same id number; 1: same name and phone; 2: same name and address.
    pub how: i64,
    /// What is not known of it: 1 the phone, 2 the id number, 4 the year of birth, added up.
    pub lacks: i64,
}

/// The active households that are the same as some rows: of each row those that agree in the surest way.
pub async fn same_as(conn: &mut Conn, batch: &[KeyRow]) -> Result<Vec<Same>, sqlx::Error> {
    // `cross join` keeps SQLite from turning the join around and reading the whole registry for each batch.
    conn.sql(
        "with wanted as materialized (
             select r.n, r.citizen, r.phone, r.name_key, r.address_key
             from rows($1: n bigint, citizen bytea, phone bytea, name_key text, address_key text) as r
         ), by_citizen as materialized (
             select w.n, cast(0 as bigint) as how, h.id, h.area_id,
                 case when h.phone_index is null then 1 else 0 end
                 + case when h.birth_year is null then 4 else 0 end as lacks
             from wanted w cross join households h where h.citizen_index = w.citizen and h.status = 'active'
         ), unknown as materialized (
             select * from wanted w where w.name_key <> '' and w.n not in (select c.n from by_citizen c)
         ), by_phone as materialized (
             select w.n, cast(1 as bigint) as how, h.id, h.area_id,
                 case when h.citizen_index is null then 2 else 0 end
                 + case when h.birth_year is null then 4 else 0 end as lacks
             from unknown w cross join households h
             where h.phone_index = w.phone and h.name_key = w.name_key and h.status = 'active'
         ), by_address as (
             select w.n, cast(2 as bigint) as how, h.id, h.area_id,
                 case when h.phone_index is null then 1 else 0 end
                 + case when h.citizen_index is null then 2 else 0 end
                 + case when h.birth_year is null then 4 else 0 end as lacks
             from unknown w cross join households h
             where h.name_key = w.name_key and h.address_key = w.address_key and w.address_key <> ''
                 and h.status = 'active' and w.n not in (select p.n from by_phone p)
         )
         select m.n, m.how, m.id, m.area_id, cast(m.lacks as bigint) as lacks from (
             select * from by_citizen union all select * from by_phone union all select * from by_address
         ) as m
         order by m.n, m.id",
    )
    .bind_rows(batch)
    .all()
    .await
}
