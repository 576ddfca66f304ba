//! The SQL of taking an imported list back: its households, and what it told of others.

use super::fills::Gap;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{AreaId, HouseholdId, ImportId};
use crate::kernel::{Clock, Within};

/// Keeps which gaps a batch is about to fill. Call it before [`super::changes::fill`].
pub async fn note_fills(tx: &mut Tx, import_id: ImportId, batch: &[Gap]) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into import_fills (import_id, household_id, phone, citizen_id, birth_year, at)
         select $1, h.id, h.phone_index is null and r.phone_index is not null,
             h.citizen_index is null and r.citizen_index is not null,
             h.birth_year is null and r.birth_year is not null, r.at
         from rows($2: id uuid, phone_index bytea, citizen_index bytea, birth_year bigint, at bigint) as r
             join households h on h.id = r.id
         where h.status = 'active'",
    )
    .bind(import_id)
    .bind_rows(batch)
    .execute()
    .await
}

/// Locks the households that a list registered or filled, until the transaction ends; their areas.
pub async fn lock(tx: &mut Tx, import_id: ImportId) -> Result<Vec<AreaId>, sqlx::Error> {
    let locked: Vec<(AreaId,)> = tx
        .sql(
            "select area_id from households
             where import_id = $1 or id in (select f.household_id from import_fills f where f.import_id = $1)
             order by id {for update}",
        )
        .bind(import_id)
        .all()
        .await?;
    Ok(locked.into_iter().map(|(area_id,)| area_id).collect())
}

/// A household that keeps a list from being taken back, and why.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Dependant {
    /// Nothing when it lies out of reach.
    pub id: Option<HouseholdId>,
    /// Empty when it lies out of reach.
    pub head_name: String,
    /// How many vouchers it has.
    pub vouchers: i64,
    /// 1 when it was changed, merged or erased after the list.
    pub changed: i64,
}

/// The households that depend on a list: with a voucher, or changed since.
pub async fn dependants(
    conn: &mut Conn,
    areas: &Within<AreaId>,
    import_id: ImportId,
    limit: i64,
) -> Result<Vec<Dependant>, sqlx::Error> {
    conn.sql(
        "select case when {in $3: d.area_id} then d.id end as id,
             case when {in $3: d.area_id} then d.head_name else '' end as head_name, d.vouchers,
             cast(d.changed as bigint) as changed
         from (
             select h.id, h.area_id, h.head_name, h.sort_key,
                 (select count(*) from voucher_state v where v.household_id = h.id) as vouchers,
                 case when h.updated_at <> h.created_at or h.status <> 'active'
                     or exists (select 1 from households m where m.merged_into = h.id) then 1 else 0 end as changed
             from households h where h.import_id = $1
             union all
             select h.id, h.area_id, h.head_name, h.sort_key, 0, 1
             from import_fills f join households h on h.id = f.household_id
             where f.import_id = $1 and h.updated_at <> f.at
         ) d
         where d.vouchers > 0 or d.changed > 0
         order by d.sort_key {collate \"C\"}, d.id limit $2",
    )
    .bind(import_id)
    .bind(limit)
    .within(areas)
    .all()
    .await
}

/// How many households depend on a list because of vouchers, and how many because they were changed.
pub async fn dependant_counts(conn: &mut Conn, import_id: ImportId) -> Result<(i64, i64), sqlx::Error> {
    conn.sql(
        "select cast(coalesce(sum(d.with_voucher), 0) as bigint), cast(coalesce(sum(d.changed), 0) as bigint)
         from (
             select case when exists (select 1 from voucher_state v where v.household_id = h.id) then 1 else 0 end
                     as with_voucher,
                 case when h.updated_at <> h.created_at or h.status <> 'active'
                     or exists (select 1 from households m where m.merged_into = h.id) then 1 else 0 end as changed
             from households h where h.import_id = $1
             union all
             select 0, 1 from import_fills f join households h on h.id = f.household_id
             where f.import_id = $1 and h.updated_at <> f.at
         ) d",
    )
    .bind(import_id)
    .one()
    .await
}

/// Takes away what a list told of households that were there before it; how many.
pub async fn empty_again(tx: &mut Tx, clock: &Clock, import_id: ImportId) -> Result<u64, sqlx::Error> {
    let emptied = tx
        .sql(
            "update households set
                 phone_sealed = case when f.phone then null else phone_sealed end,
                 phone_index = case when f.phone then null else phone_index end,
                 citizen_sealed = case when f.citizen_id then null else citizen_sealed end,
                 citizen_index = case when f.citizen_id then null else citizen_index end,
                 birth_year = case when f.birth_year then null else households.birth_year end,
                 updated_at = $2
             from import_fills f
             where f.import_id = $1 and households.id = f.household_id",
        )
        .bind(import_id)
        .bind(clock.now())
        .execute()
        .await?;
    tx.sql("delete from import_fills where import_id = $1").bind(import_id).execute().await?;
    Ok(emptied)
}

/// The households that a list registered.
pub async fn registered(tx: &mut Tx, import_id: ImportId) -> Result<Vec<uuid::Uuid>, sqlx::Error> {
    let rows: Vec<(uuid::Uuid,)> =
        tx.sql("select id from households where import_id = $1 order by id").bind(import_id).all().await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Removes the households that a list registered; how many.
pub async fn remove(tx: &mut Tx, import_id: ImportId) -> Result<u64, sqlx::Error> {
    tx.sql(
        "delete from distinct_households
         where first_id in (select h.id from households h where h.import_id = $1)
             or second_id in (select h.id from households h where h.import_id = $1)",
    )
    .bind(import_id)
    .execute()
    .await?;
    tx.sql("delete from households where import_id = $1").bind(import_id).execute().await
}
