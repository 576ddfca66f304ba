//! The SQL of comparing a list with the registry.

use serde::Serialize;

use super::areas::AreaRow;
use crate::db::{Bytes, Conn};
use crate::households::HouseholdId;
use crate::kernel::Day;
use crate::people::AreaId;

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
    /// The row's place in the reading.
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
    /// The row's place in the reading.
    pub n: i64,
    /// The household.
    pub id: HouseholdId,
    /// Where it is.
    pub area_id: AreaId,
    /// 0: same id number; 1: same name and phone; 2: same name and address.
    pub how: i64,
    /// Whether its phone is not known.
    pub lacks_phone: i64,
    /// Whether its id number is not known.
    pub lacks_citizen: i64,
    /// Whether its year of birth is not known.
    pub lacks_year: i64,
}

/// The active households that are the same as some rows, the surest match of each row first.
pub async fn same_as(conn: &mut Conn, batch: &[KeyRow]) -> Result<Vec<Same>, sqlx::Error> {
    // `cross join` keeps SQLite from turning the join around and reading the whole registry for each batch.
    conn.sql(
        "select m.n, cast(m.how as bigint) as how, h.id, h.area_id, case when h.phone_index is null then cast(1 as bigint) else 0 end as lacks_phone,
             case when h.citizen_index is null then cast(1 as bigint) else 0 end as lacks_citizen,
             case when h.birth_year is null then cast(1 as bigint) else 0 end as lacks_year
         from (
             select r.n as n, 0 as how, a.id as id
             from rows($1: n bigint, citizen bytea, phone bytea, name_key text, address_key text) as r
                 cross join households a where a.citizen_index = r.citizen and a.status = 'active'
             union all
             select r.n, 1, b.id
             from rows($1: n bigint, citizen bytea, phone bytea, name_key text, address_key text) as r
                 cross join households b
             where b.phone_index = r.phone and b.name_key = r.name_key and r.name_key <> '' and b.status = 'active'
             union all
             select r.n, 2, c.id
             from rows($1: n bigint, citizen bytea, phone bytea, name_key text, address_key text) as r
                 cross join households c
             where c.name_key = r.name_key and c.address_key = r.address_key and r.name_key <> ''
                 and r.address_key <> '' and c.status = 'active'
         ) as m join households h on h.id = m.id
         order by m.n, m.how, h.id",
    )
    .bind_rows(batch)
    .all()
    .await
}
