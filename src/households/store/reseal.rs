//! The master secret changes: what is sealed of households is sealed anew, and keyed hashes are made anew.

use serde::Serialize;

use crate::db::{Bytes, Tx};
use crate::households::stored_category::{CategoryReader, StoredCategory};
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
    category: StoredCategory,
    note_sealed: Option<Vec<u8>>,
}

#[derive(Serialize)]
struct Resealed {
    id: HouseholdId,
    phone_sealed: Option<Bytes>,
    phone_index: Option<Bytes>,
    citizen_sealed: Option<Bytes>,
    citizen_index: Option<Bytes>,
    category: StoredCategory,
    note_sealed: Option<Bytes>,
}

/// Seals every household anew.
pub async fn reseal(tx: &mut Tx, change: &MasterChange<'_>) -> Result<()> {
    let categories = CategoryReader::new(change.old);
    let mut after = HouseholdId(uuid::Uuid::nil());
    loop {
        let stored: Vec<Stored> = tx
            .sql(
                "select id, phone_sealed, citizen_sealed, category, note_sealed from households
                 where id > $1 order by id limit $2",
            )
            .bind(after)
            .bind(BATCH)
            .all()
            .await?;
        let Some(last) = stored.last() else { return Ok(()) };
        after = last.id;
        let rows: Vec<Resealed> =
            stored.into_iter().map(|row| resealed(row, change, &categories)).collect::<Result<_>>()?;
        tx.sql(
            "update households set phone_sealed = r.phone_sealed, phone_index = r.phone_index,
                 citizen_sealed = r.citizen_sealed, citizen_index = r.citizen_index,
                 category = r.category, note_sealed = r.note_sealed
             from rows($1: id uuid, phone_sealed bytea, phone_index bytea, citizen_sealed bytea, citizen_index bytea,
                 category text, note_sealed bytea) as r
             where households.id = r.id",
        )
        .bind_rows(&rows)
        .execute()
        .await?;
    }
}

fn resealed(stored: Stored, change: &MasterChange<'_>, categories: &CategoryReader) -> Result<Resealed> {
    let of = |purpose, sealed: Option<Vec<u8>>| -> Result<(Option<Bytes>, Option<Bytes>)> {
        let Some(sealed) = sealed else { return Ok((None, None)) };
        let (sealed, index) = change.reseal_found(purpose, &sealed)?;
        Ok((Some(Bytes(sealed)), Some(Bytes(index))))
    };
    let (phone_sealed, phone_index) = of(Purpose::Phone, stored.phone_sealed)?;
    let (citizen_sealed, citizen_index) = of(Purpose::CitizenId, stored.citizen_sealed)?;
    let category = StoredCategory::of(change.new, categories.read(&stored.category, stored.id)?);
    let note = stored.note_sealed.map(|sealed| change.reseal(Purpose::Note, &sealed)).transpose()?;
    let note_sealed = note.map(Bytes);
    Ok(Resealed { id: stored.id, phone_sealed, phone_index, citizen_sealed, citizen_index, category, note_sealed })
}
