//! The SQL of sealing what earlier versions kept in plain: notes and categories of households.

use serde::Serialize;

use crate::db::{Bytes, Tx};
use crate::households::Category;
use crate::households::stored_category::StoredCategory;
use crate::kernel::ids::HouseholdId;
use crate::vault::{Purpose, Vault};

/// Households of one statement.
const BATCH: i64 = 2_000;

#[derive(Serialize)]
struct Sealed {
    id: HouseholdId,
    note: Bytes,
}

/// Seals every note and category that is plain.
pub async fn seal_plain(tx: &mut Tx, vault: &Vault) -> Result<(), sqlx::Error> {
    for category in Category::ALL {
        tx.sql("update households set category = $2 where category = $1")
            .bind(category.name())
            .bind(StoredCategory::of(vault, category).into_text())
            .execute()
            .await?;
    }
    loop {
        let plain: Vec<(HouseholdId, String)> =
            tx.sql("select id, note from households where note <> '' order by id limit $1").bind(BATCH).all().await?;
        if plain.is_empty() {
            return Ok(());
        }
        let seal =
            |(id, note): (HouseholdId, String)| Sealed { id, note: Bytes(vault.seal(Purpose::Note, note.as_bytes())) };
        let sealed: Vec<Sealed> = plain.into_iter().map(seal).collect();
        tx.sql(
            "update households set note = '', note_sealed = r.note
             from rows($1: id uuid, note bytea) as r where households.id = r.id",
        )
        .bind_rows(&sealed)
        .execute()
        .await?;
    }
}
