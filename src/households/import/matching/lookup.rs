//! Which rows of a list are households that are stored already.

use std::sync::Arc;

use rayon::prelude::*;

use crate::db::{Bytes, Conn};
use crate::households::import::rows::HouseholdRow;
use crate::households::import::store::{self, KeyRow, Same};
use crate::http::{Core, Error, Result};
use crate::kernel::ids::{AreaId, HouseholdId};
use crate::kernel::vietnamese::{address_key, fold};
use crate::spreadsheet::{Reading, RowStatus};
use crate::vault::{Purpose, Vault};

/// Rows compared with the registry in one statement.
pub const BATCH: usize = 10_000;

/// A stored household that a row is the same as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    pub id: HouseholdId,
    pub area_id: AreaId,
    /// Whether the id number agrees; otherwise the name and the phone or address do.
    pub same_citizen: bool,
    /// Whether the row tells something that the registry lacks.
    pub fills: bool,
}

/// For each row of data without errors, by its place in the reading, the stored household it is the same as. Rows
/// that repeat another row are looked up too: a clerk may decide to keep them.
pub type Found = Vec<Option<Match>>;

/// Compares a list with the registry as it is inside a transaction.
pub async fn against_registry(
    conn: &mut Conn,
    vault: &Vault,
    reading: &Reading<HouseholdRow>,
) -> std::result::Result<Found, sqlx::Error> {
    Ok(by_place(reading, look_up(conn, &key_rows(vault, reading)).await?))
}

/// Compares a list with the registry on two connections, beside whatever else goes on.
pub async fn beside(core: &Core, reading: &Arc<Reading<HouseholdRow>>) -> Result<Found> {
    let (keyed, of) = (core.clone(), Arc::clone(reading));
    let keys = tokio::task::spawn_blocking(move || key_rows(&keyed.vault, &of)).await;
    let keys = keys.map_err(|error| Error::Internal(Box::new(error)))?;
    let (first, second) = keys.split_at(keys.len().div_ceil(2).max(keys.len().min(BATCH)));
    // Each half waits for a connection of its own: who held one while waiting for another could wait for ever.
    let half = async |keys: &[KeyRow]| match keys {
        [] => Ok(Vec::new()),
        keys => look_up(&mut core.db.read().await?, keys).await,
    };
    let (mut found, rest) = tokio::try_join!(half(first), half(second))?;
    found.extend(rest);
    Ok(by_place(reading, found))
}

fn by_place(reading: &Reading<HouseholdRow>, found: Vec<Same>) -> Found {
    let mut matches = vec![None; reading.rows.len()];
    for same in found {
        let Some(place) = usize::try_from(same.n).ok().filter(|place| *place < matches.len()) else { continue };
        // Of several equally sure matches the oldest counts.
        if let (None, Some(row)) = (&matches[place], &reading.rows[place].parsed) {
            matches[place] = Some(of(&same, row));
        }
    }
    matches
}

async fn look_up(conn: &mut Conn, keys: &[KeyRow]) -> std::result::Result<Vec<Same>, sqlx::Error> {
    let mut all = Vec::new();
    for batch in keys.chunks(BATCH) {
        all.extend(store::same_as(conn, batch).await?);
    }
    Ok(all)
}

/// The keys of all rows that may be stored, made on all processors: two keyed hashes and two folded texts a row.
fn key_rows(vault: &Vault, reading: &Reading<HouseholdRow>) -> Vec<KeyRow> {
    let known = reading.rows.par_iter().enumerate().filter(|(_, row)| may_be_stored(row.status));
    known.filter_map(|(place, row)| Some(key_row(vault, place, row.parsed.as_ref()?))).collect()
}

/// Whether a row can become a household at all.
pub const fn may_be_stored(status: RowStatus) -> bool {
    matches!(status, RowStatus::New | RowStatus::Duplicate)
}

fn of(same: &Same, row: &HouseholdRow) -> Match {
    let lacks = |what: i64| same.lacks & what != 0;
    Match {
        id: same.id,
        area_id: same.area_id,
        same_citizen: same.how == 0,
        fills: (lacks(1) && row.phone.is_some())
            || (lacks(2) && row.citizen_id.is_some())
            || (lacks(4) && row.birth_year.is_some()),
    }
}

fn key_row(vault: &Vault, place: usize, row: &HouseholdRow) -> KeyRow {
    KeyRow {
        n: i64::try_from(place).unwrap_or(i64::MAX),
        citizen: row.citizen_id.as_ref().map(|id| Bytes(vault.index(Purpose::CitizenId, id.as_str()))),
        phone: row.phone.as_ref().map(|phone| Bytes(vault.index(Purpose::Phone, phone.as_str()))),
        name_key: fold(&row.head_name),
        address_key: row.address.as_deref().map(address_key).unwrap_or_default(),
    }
}
