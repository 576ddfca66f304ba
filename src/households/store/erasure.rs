//! The SQL of erasing a household, with those merged into it.

use crate::db::{Conn, Tx};
use crate::kernel::Clock;
use crate::kernel::ids::HouseholdId;

/// What names the people of a household: of itself and of those merged into it.
#[derive(sqlx::FromRow)]
pub struct Person {
    pub head_name: String,
    pub phone_sealed: Option<Vec<u8>>,
    pub citizen_sealed: Option<Vec<u8>>,
    pub address: String,
}

/// Whose data a household's record and those merged into it hold.
pub async fn people(conn: &mut Conn, id: HouseholdId) -> Result<Vec<Person>, sqlx::Error> {
    conn.sql(
        "select head_name, phone_sealed, citizen_sealed, address from households
         where id = $1 or merged_into = $1 order by id",
    )
    .bind(id)
    .all()
    .await
}

/// Leaves an anonymous shell of a household and of those merged into it: area, members and category stay for the
/// totals.
pub async fn erase(tx: &mut Tx, clock: &Clock, id: HouseholdId) -> Result<(), sqlx::Error> {
    tx.sql(
        "update households set head_name = '', name_key = '', sort_key = '', search_key = '', mark_text = '',
             phone_sealed = null, phone_index = null, citizen_sealed = null, citizen_index = null, birth_year = null,
             address = '', address_key = '', note_sealed = null, consent_at = null, consent_by = null,
             status = case when id = $1 then 'erased' else status end, updated_at = $2
         where id = $1 or merged_into = $1",
    )
    .bind(id)
    .bind(clock.now())
    .execute()
    .await?;
    // What a list once told of it is nobody's to know any more; the list itself can't be taken back, since it changed.
    tx.sql(
        "delete from import_fills where household_id in (
             select h.id from households h where h.id = $1 or h.merged_into = $1)",
    )
    .bind(id)
    .execute()
    .await?;
    Ok(())
}

/// Keeps that a household agreed now.
pub async fn set_consent(
    tx: &mut Tx,
    clock: &Clock,
    id: HouseholdId,
    by: Option<uuid::Uuid>,
) -> Result<(), sqlx::Error> {
    tx.sql(
        "update households set consent_at = $2, consent_by = $3, updated_at = $2 where id = $1 and status = 'active'",
    )
    .bind(id)
    .bind(clock.now())
    .bind(by)
    .execute()
    .await?;
    Ok(())
}

/// Keeps that a household took its consent back.
pub async fn end_consent(tx: &mut Tx, clock: &Clock, id: HouseholdId) -> Result<(), sqlx::Error> {
    tx.sql(
        "update households set consent_at = null, consent_by = null, updated_at = $2 where id = $1 and status = 'active'",
    )
    .bind(id)
    .bind(clock.now())
    .execute()
    .await?;
    Ok(())
}
