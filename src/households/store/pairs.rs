//! The SQL of possible duplicates.

use crate::db::{Conn, Tx, id_rows};
use crate::kernel::ids::{AreaId, HouseholdId};
use crate::kernel::{Clock, Within};

/// Two households that share a phone, an address, or a name and year of birth; `a` is the older.
#[derive(Clone, sqlx::FromRow)]
pub struct Pair {
    /// The older.
    pub a_id: HouseholdId,
    /// Its folded name.
    pub a_name: String,
    /// Its folded address.
    pub a_address: String,
    /// Its phone's keyed hash.
    pub a_phone: Option<Vec<u8>>,
    /// Its year of birth.
    pub a_year: Option<i64>,
    /// The newer.
    pub b_id: HouseholdId,
    /// Its folded name.
    pub b_name: String,
    /// Its folded address.
    pub b_address: String,
    /// Its phone's keyed hash.
    pub b_phone: Option<Vec<u8>>,
    /// Its year of birth.
    pub b_year: Option<i64>,
}

/// The pairs of the next `batch` households after the cursor, in their order.
pub async fn candidates(
    conn: &mut Conn,
    areas: &Within<AreaId>,
    after: uuid::Uuid,
    batch: i64,
) -> Result<Vec<Pair>, sqlx::Error> {
    conn.sql(
        "with a as (
             select id, name_key, address_key, phone_index, birth_year from households
             where id > $1 and status = 'active'
                 and {in $2: area_id}
             order by id limit $4
         ), p as (
             select a.id as a_id, b.id as b_id from a join households b on b.phone_index = a.phone_index
             where b.id > a.id and b.status = 'active'
             union select a.id, b.id from a join households b on b.address_key = a.address_key
             where b.id > a.id and b.status = 'active' and a.address_key <> ''
             union select a.id, b.id from a join households b on b.name_key = a.name_key
             where b.id > a.id and b.status = 'active' and b.birth_year = a.birth_year
         )
         select a.id as a_id, a.name_key as a_name, a.address_key as a_address, a.phone_index as a_phone,
             a.birth_year as a_year, b.id as b_id, b.name_key as b_name, b.address_key as b_address,
             b.phone_index as b_phone, b.birth_year as b_year
         from p join a on a.id = p.a_id join households b on b.id = p.b_id
         where {in $2: b.area_id}
             and not exists (select 1 from distinct_households d where d.first_id = a.id and d.second_id = b.id)
         order by a.id, b.id limit 20000",
    )
    .bind(after)
    .within(areas)
    .bind(batch)
    .all()
    .await
}

/// The last of the next `batch` households after the cursor, unless there are fewer.
pub async fn batch_end(
    conn: &mut Conn,
    areas: &Within<AreaId>,
    after: uuid::Uuid,
    batch: i64,
) -> Result<Option<uuid::Uuid>, sqlx::Error> {
    let end: Option<(uuid::Uuid,)> = conn
        .sql(
            "select id from households where id > $1 and status = 'active'
                 and {in $2: area_id}
             order by id limit 1 offset $4",
        )
        .bind(after)
        .within(areas)
        .bind(batch - 1)
        .replan()
        .optional()
        .await?;
    Ok(end.map(|(id,)| id))
}

/// Those of some households that lie in these areas.
pub async fn some(
    conn: &mut Conn,
    areas: &Within<AreaId>,
    ids: &[HouseholdId],
) -> Result<Vec<super::Stored>, sqlx::Error> {
    conn.sql(
        "select h.id, h.area_id, h.head_name, h.phone_sealed, h.citizen_sealed, h.birth_year, h.address, h.members,
             h.category, h.note_sealed, h.consent_at, h.status, h.merged_into, h.import_id, h.created_at, h.updated_at
         from households h where h.id in (select r.id from rows($1: id uuid) as r) and {in $2: h.area_id}",
    )
    .bind_rows(&id_rows(ids))
    .within(areas)
    .all()
    .await
}

/// Remembers that two households are not the same; `first` is the older id. Saying it twice is no error.
pub async fn tell_apart(
    tx: &mut Tx,
    clock: &Clock,
    by: Option<uuid::Uuid>,
    first: HouseholdId,
    second: HouseholdId,
) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into distinct_households (first_id, second_id, decided_by, decided_at) values ($1, $2, $3, $4)
         on conflict (first_id, second_id) do nothing",
    )
    .bind(first)
    .bind(second)
    .bind(by)
    .bind(clock.now())
    .execute()
    .await
}
