//! The master secret changes: landlords' phones are sealed anew, and the keyed hashes that find them with them.

use serde::Serialize;

use crate::db::{Bytes, Tx};
use crate::http::Result;
use crate::kernel::ids::LandlordId;
use crate::vault::{MasterChange, Purpose};

/// Landlords of one statement.
const BATCH: i64 = 2_000;

#[derive(Serialize)]
struct Resealed {
    id: LandlordId,
    phone_sealed: Bytes,
    phone_index: Bytes,
}

/// Seals every landlord's phone anew.
pub async fn reseal(tx: &mut Tx, change: &MasterChange<'_>) -> Result<()> {
    let mut after = LandlordId(uuid::Uuid::nil());
    loop {
        let stored: Vec<(LandlordId, Vec<u8>)> = tx
            .sql(
                "select id, phone_sealed from landlords where id > $1 and phone_sealed is not null order by id limit $2",
            )
            .bind(after)
            .bind(BATCH)
            .all()
            .await?;
        let Some((last, _)) = stored.last() else { return Ok(()) };
        after = *last;
        let mut rows = Vec::with_capacity(stored.len());
        for (id, sealed) in stored {
            let (sealed, index) = change.reseal_found(Purpose::Phone, &sealed)?;
            rows.push(Resealed { id, phone_sealed: Bytes(sealed), phone_index: Bytes(index) });
        }
        tx.sql(
            "update landlords set phone_sealed = r.phone_sealed, phone_index = r.phone_index
             from rows($1: id uuid, phone_sealed bytea, phone_index bytea) as r where landlords.id = r.id",
        )
        .bind_rows(&rows)
        .execute()
        .await?;
    }
}
