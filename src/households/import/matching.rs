//! Which rows of a list are households that are stored already.

use super::rows::HouseholdRow;
use super::store::{self, KeyRow, Same};
use crate::db::{Bytes, Conn};
use crate::households::HouseholdId;
use crate::kernel::vietnamese::{address_key, fold};
use crate::lists::{Reading, RowStatus};
use crate::people::AreaId;
use crate::vault::{Purpose, Vault};
use crate::web::Core;

/// Rows compared with the registry in one statement.
pub const BATCH: usize = 10_000;

/// A stored household that a row is the same as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// The household.
    pub id: HouseholdId,
    /// Where it is.
    pub area_id: AreaId,
    /// Whether the id number agrees; otherwise the name and the phone or address do.
    pub same_citizen: bool,
    /// Whether the row tells something that the registry lacks.
    pub fills: bool,
}

/// For each row of data without errors, by its place in the reading, the stored household it is the same as. Rows
/// that repeat another row are looked up too: a clerk may decide to keep them.
pub type Matches = Vec<Option<Match>>;

/// Compares a list with the registry as it is inside a transaction.
pub async fn against_registry(
    conn: &mut Conn,
    vault: &Vault,
    reading: &Reading<HouseholdRow>,
) -> Result<Matches, sqlx::Error> {
    let found = look_up(conn, vault, &rows_to_look_up(reading)).await?;
    Ok(matches(reading, found))
}

/// Compares a list with the registry on two connections, beside whatever else goes on.
pub async fn beside(core: &Core, reading: &Reading<HouseholdRow>) -> Result<Matches, sqlx::Error> {
    let rows = rows_to_look_up(reading);
    let (first, second) = rows.split_at(rows.len().div_ceil(2).max(rows.len().min(BATCH)));
    // Each half waits for a connection of its own: who held one while waiting for another could wait for ever.
    let half = async |rows: &[(usize, &HouseholdRow)]| match rows {
        [] => Ok(Vec::new()),
        rows => look_up(&mut core.db.read().await?, &core.vault, rows).await,
    };
    let (mut found, rest) = tokio::try_join!(half(first), half(second))?;
    found.extend(rest);
    Ok(matches(reading, found))
}

fn rows_to_look_up(reading: &Reading<HouseholdRow>) -> Vec<(usize, &HouseholdRow)> {
    let known = reading.rows.iter().enumerate().filter(|(_, row)| may_be_stored(row.status));
    known.filter_map(|(n, row)| row.parsed.as_ref().map(|parsed| (n, parsed))).collect()
}

fn matches(reading: &Reading<HouseholdRow>, found: Vec<(usize, Match)>) -> Matches {
    let mut matches = vec![None; reading.rows.len()];
    for (n, found) in found {
        // Of several equally sure matches the oldest counts.
        matches[n].get_or_insert(found);
    }
    matches
}

async fn look_up(
    conn: &mut Conn,
    vault: &Vault,
    rows: &[(usize, &HouseholdRow)],
) -> Result<Vec<(usize, Match)>, sqlx::Error> {
    let mut all = Vec::new();
    let mut batches = rows.chunks(BATCH).map(|batch| (batch, key_rows(vault, batch)));
    let mut next = batches.next();
    while let Some((batch, keys)) = next {
        // The next batch's keys are made while the database looks up this one's.
        let (found, following) = tokio::join!(store::same_as(conn, &keys), async { batches.next() });
        next = following;
        all.extend(found?.iter().filter_map(|same| {
            let (n, row) = batch.get(usize::try_from(same.n).ok()?)?;
            Some((*n, of(same, row)))
        }));
    }
    Ok(all)
}

fn key_rows(vault: &Vault, batch: &[(usize, &HouseholdRow)]) -> Vec<KeyRow> {
    (0..).zip(batch).map(|(n, (_, row))| key_row(vault, n, row)).collect()
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

fn key_row(vault: &Vault, n: i64, row: &HouseholdRow) -> KeyRow {
    KeyRow {
        n,
        citizen: row.citizen_id.as_ref().map(|id| Bytes(vault.index(Purpose::CitizenId, id.as_str()))),
        phone: row.phone.as_ref().map(|phone| Bytes(vault.index(Purpose::Phone, phone.as_str()))),
        name_key: fold(&row.head_name),
        address_key: row.address.as_deref().map(address_key).unwrap_or_default(),
    }
}
