//! Which rows of a list are households that are stored already.

use super::rows::HouseholdRow;
use super::store::{self, KeyRow, Same};
use crate::db::{Bytes, Conn};
use crate::households::HouseholdId;
use crate::kernel::vietnamese::{address_key, fold};
use crate::lists::{Reading, RowStatus};
use crate::people::AreaId;
use crate::vault::{Purpose, Vault};

/// Rows compared with the registry in one statement.
pub const BATCH: usize = 2000;

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
pub async fn against_registry(
    conn: &mut Conn,
    vault: &Vault,
    reading: &Reading<HouseholdRow>,
) -> Result<Vec<Option<Match>>, sqlx::Error> {
    let mut matches = vec![None; reading.rows.len()];
    let known = reading.rows.iter().enumerate().filter(|(_, row)| may_be_stored(row.status));
    let keyed: Vec<(usize, &HouseholdRow)> =
        known.filter_map(|(n, row)| row.parsed.as_ref().map(|parsed| (n, parsed))).collect();
    for batch in keyed.chunks(BATCH) {
        let rows: Vec<KeyRow> = batch.iter().map(|(n, row)| key_row(vault, *n, row)).collect();
        for same in store::same_as(conn, &rows).await? {
            let Ok(n) = usize::try_from(same.n) else { continue };
            let Some(row) = reading.rows.get(n).and_then(|row| row.parsed.as_ref()) else { continue };
            // The surest match of a row comes first.
            if matches[n].is_none() {
                matches[n] = Some(of(&same, row));
            }
        }
    }
    Ok(matches)
}

/// Whether a row can become a household at all.
pub const fn may_be_stored(status: RowStatus) -> bool {
    matches!(status, RowStatus::New | RowStatus::Duplicate)
}

fn of(same: &Same, row: &HouseholdRow) -> Match {
    Match {
        id: same.id,
        area_id: same.area_id,
        same_citizen: same.how == 0,
        fills: (same.lacks_phone == 1 && row.phone.is_some())
            || (same.lacks_citizen == 1 && row.citizen_id.is_some())
            || (same.lacks_year == 1 && row.birth_year.is_some()),
    }
}

fn key_row(vault: &Vault, n: usize, row: &HouseholdRow) -> KeyRow {
    KeyRow {
        n: i64::try_from(n).unwrap_or(i64::MAX),
        citizen: row.citizen_id.as_ref().map(|id| Bytes(vault.index(Purpose::CitizenId, id.as_str()))),
        phone: row.phone.as_ref().map(|phone| Bytes(vault.index(Purpose::Phone, phone.as_str()))),
        name_key: fold(&row.head_name),
        address_key: row.address.as_deref().map(address_key).unwrap_or_default(),
    }
}
