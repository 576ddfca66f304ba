//! The SQL of filling what stored households lack with what a list tells.

use serde::Serialize;

use crate::db::{Bytes, Tx};
use crate::households::household::{Details, Keys};
use crate::kernel::Clock;
use crate::kernel::ids::HouseholdId;
use crate::vault::{Purpose, Vault};

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
