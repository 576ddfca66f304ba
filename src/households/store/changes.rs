//! The SQL that changes stored households: corrections, erasure, merging.

use serde::Serialize;

use super::super::{Details, Keys};
use super::Consent;
use crate::db::{Bytes, Tx};
use crate::kernel::ids::HouseholdId;
use crate::kernel::{Clock, Moment};
use crate::vault::{Purpose, Vault};

/// Writes all details of an active household anew.
pub async fn replace(
    tx: &mut Tx,
    vault: &Vault,
    clock: &Clock,
    id: HouseholdId,
    details: Details,
    consent: Option<Consent>,
) -> Result<u64, sqlx::Error> {
    let keys = Keys::of(vault, &details);
    tx.sql(
        "update households set area_id = $2, head_name = $3, name_key = $4, sort_key = $5, search_key = $6,
             mark_text = $7, phone_sealed = $8, phone_index = $9, citizen_sealed = $10, citizen_index = $11,
             birth_year = $12, address = $13, address_key = $14, members = $15, category = $16, note = $17,
             consent_at = $18, consent_by = $19, updated_at = $20
         where id = $1 and status = 'active'",
    )
    .bind(id)
    .bind(details.area_id)
    .bind(details.head_name)
    .bind(keys.name_key)
    .bind(keys.sort_key)
    .bind(keys.search_key)
    .bind(keys.mark_text)
    .bind(details.phone.map(|phone| vault.seal(Purpose::Phone, phone.as_str().as_bytes())))
    .bind(keys.phone_index)
    .bind(details.citizen_id.map(|id| vault.seal(Purpose::CitizenId, id.as_str().as_bytes())))
    .bind(keys.citizen_index)
    .bind(details.birth_year)
    .bind(details.address)
    .bind(keys.address_key)
    .bind(details.members)
    .bind(details.category.as_str())
    .bind(details.note)
    .bind(consent.map(|consent| consent.at))
    .bind(consent.and_then(|consent| consent.by))
    .bind(clock.now())
    .execute()
    .await
}

/// Who took a household's consent.
pub async fn consent_of(tx: &mut Tx, id: HouseholdId) -> Result<Option<Consent>, sqlx::Error> {
    let known: Option<(Option<Moment>, Option<uuid::Uuid>)> =
        tx.sql("select consent_at, consent_by from households where id = $1").bind(id).optional().await?;
    Ok(known.and_then(|(at, by)| at.map(|at| Consent { at, by })))
}

/// Leaves an anonymous shell of a household and of those merged into it: area, members and category stay for the
/// totals.
pub async fn erase(tx: &mut Tx, clock: &Clock, id: HouseholdId) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update households set head_name = '', name_key = '', sort_key = '', search_key = '', mark_text = '',
             phone_sealed = null, phone_index = null, citizen_sealed = null, citizen_index = null, birth_year = null,
             address = '', address_key = '', note = '', consent_at = null, consent_by = null,
             status = case when id = $1 then 'erased' else status end, updated_at = $2
         where id = $1 or merged_into = $1",
    )
    .bind(id)
    .bind(clock.now())
    .execute()
    .await
}

/// Rounds in which both households hold an issued voucher.
pub async fn shared_rounds(tx: &mut Tx, a: HouseholdId, b: HouseholdId) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) = tx
        .sql(
            "select count(*) from vouchers v join vouchers w on w.round_id = v.round_id and w.status = 'issued'
             where v.household_id = $1 and w.household_id = $2 and v.status = 'issued'
                 and (not exists (select 1 from scans s where s.voucher_id = v.id and s.handover is not null)
                     or not exists (select 1 from scans s where s.voucher_id = w.id and s.handover is not null))",
        )
        .bind(a)
        .bind(b)
        .one()
        .await?;
    Ok(count)
}

/// Marks a household as merged, with those merged into it before, and hands its vouchers on where the other has
/// none in the round. The reason goes into the merged one's note, where erasure reaches it.
pub async fn merge(
    tx: &mut Tx,
    clock: &Clock,
    id: HouseholdId,
    into: HouseholdId,
    reason: String,
) -> Result<(), sqlx::Error> {
    tx.sql(
        "update households set status = 'merged', merged_into = $2, updated_at = $3,
             note = case when id = $1 then trim(note || ' ' || $4) else note end
         where id = $1 or (merged_into = $1 and status = 'merged')",
    )
    .bind(id)
    .bind(into)
    .bind(clock.now())
    .bind(reason)
    .execute()
    .await?;
    tx.sql(
        "update vouchers set household_id = $2 where household_id = $1 and not exists (
             select 1 from vouchers w where w.round_id = vouchers.round_id and w.household_id = $2
                 and w.status = 'issued' and vouchers.status = 'issued')",
    )
    .bind(id)
    .bind(into)
    .execute()
    .await?;
    Ok(())
}

/// Gives a household what it lacks of another's: phone, id number and year of birth.
pub async fn inherit(tx: &mut Tx, clock: &Clock, id: HouseholdId, from: HouseholdId) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update households set
             phone_sealed = coalesce(phone_sealed, (select o.phone_sealed from households o where o.id = $2)),
             phone_index = coalesce(phone_index, (select o.phone_index from households o where o.id = $2)),
             citizen_sealed = coalesce(citizen_sealed, (select o.citizen_sealed from households o where o.id = $2)),
             citizen_index = coalesce(citizen_index, (select o.citizen_index from households o where o.id = $2)),
             birth_year = coalesce(birth_year, (select o.birth_year from households o where o.id = $2)),
             updated_at = $3
         where id = $1",
    )
    .bind(id)
    .bind(from)
    .bind(clock.now())
    .execute()
    .await
}

/// What a list knows of a stored household, ready for a batch.
#[derive(Serialize)]
pub struct Gap {
    id: HouseholdId,
    phone_sealed: Option<Bytes>,
    phone_index: Option<Bytes>,
    citizen_sealed: Option<Bytes>,
    citizen_index: Option<Bytes>,
    birth_year: Option<i64>,
    at: i64,
}

impl Gap {
    /// Seals what is secret. `citizen` is false when the id number belongs to another household.
    pub fn of(vault: &Vault, clock: &Clock, id: HouseholdId, details: &Details, keys: &Keys, citizen: bool) -> Self {
        let citizen_id = details.citizen_id.as_ref().filter(|_| citizen);
        Self {
            id,
            phone_sealed: details.phone.as_ref().map(|p| Bytes(vault.seal(Purpose::Phone, p.as_str().as_bytes()))),
            phone_index: keys.phone_index.clone().map(Bytes),
            citizen_sealed: citizen_id.map(|c| Bytes(vault.seal(Purpose::CitizenId, c.as_str().as_bytes()))),
            citizen_index: citizen_id.and(keys.citizen_index.clone()).map(Bytes),
            birth_year: details.birth_year,
            at: clock.now().micros(),
        }
    }
}

/// Fills only what the stored households lack; what they have stays. Each household at most once in a batch.
pub async fn fill(tx: &mut Tx, batch: &[Gap]) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update households set
             phone_sealed = coalesce(households.phone_sealed, r.phone_sealed),
             phone_index = coalesce(households.phone_index, r.phone_index),
             citizen_sealed = coalesce(households.citizen_sealed, r.citizen_sealed),
             citizen_index = coalesce(households.citizen_index, r.citizen_index),
             birth_year = coalesce(households.birth_year, r.birth_year),
             updated_at = r.at
         from rows($1: id uuid, phone_sealed bytea, phone_index bytea, citizen_sealed bytea, citizen_index bytea,
             birth_year bigint, at bigint) as r
         where households.id = r.id and households.status = 'active'",
    )
    .bind_rows(batch)
    .execute()
    .await
}
