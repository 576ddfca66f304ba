//! The master secret changes: phones and id numbers are sealed anew, and the keyed hashes that find them with them.

use serde::Serialize;

use crate::db::{Bytes, Tx};
use crate::http::Result;
use crate::kernel::ids::HouseholdId;
use crate::vault::{MasterChange, Purpose};

/// Households of one statement.
const BATCH: i64 = 2_000;

#[derive(sqlx::FromRow)]
struct Stored {
    id: HouseholdId,
    phone_sealed: Option<Vec<u8>>,
    citizen_sealed: Option<Vec<u8>>,
}

#[derive(Serialize)]
struct Resealed {
    id: HouseholdId,
    phone_sealed: Option<Bytes>,
    phone_index: Option<Bytes>,
    citizen_sealed: Option<Bytes>,
    citizen_index: Option<Bytes>,
}

/// Seals every household's numbers anew.
pub async fn reseal(tx: &mut Tx, change: &MasterChange<'_>) -> Result<()> {
    let mut after = HouseholdId(uuid::Uuid::nil());
    loop {
        let stored: Vec<Stored> = tx
            .sql(
                "select id, phone_sealed, citizen_sealed from households
                 where id > $1 and (phone_sealed is not null or citizen_sealed is not null) order by id limit $2",
            )
            .bind(after)
            .bind(BATCH)
            .all()
            .await?;
        let Some(last) = stored.last() else { return Ok(()) };
        after = last.id;
        let rows: Vec<Resealed> = stored.into_iter().map(|row| resealed(row, change)).collect::<Result<_>>()?;
        tx.sql(
            "update households set phone_sealed = r.phone_sealed, phone_index = r.phone_index,
                 citizen_sealed = r.citizen_sealed, citizen_index = r.citizen_index
             from rows($1: id uuid, phone_sealed bytea, phone_index bytea, citizen_sealed bytea, citizen_index bytea) as r
             where households.id = r.id",
        )
        .bind_rows(&rows)
        .execute()
        .await?;
    }
}

fn resealed(stored: Stored, change: &MasterChange<'_>) -> Result<Resealed> {
    let of = |purpose, sealed: Option<Vec<u8>>| -> Result<(Option<Bytes>, Option<Bytes>)> {
        let Some(sealed) = sealed else { return Ok((None, None)) };
        let (sealed, index) = change.reseal_found(purpose, &sealed)?;
        Ok((Some(Bytes(sealed)), Some(Bytes(index))))
    };
    let (phone_sealed, phone_index) = of(Purpose::Phone, stored.phone_sealed)?;
    let (citizen_sealed, citizen_index) = of(Purpose::CitizenId, stored.citizen_sealed)?;
    Ok(Resealed { id: stored.id, phone_sealed, phone_index, citizen_sealed, citizen_index })
}
