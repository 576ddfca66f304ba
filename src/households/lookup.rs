//! Households that a request names: within a login's reach, and active where they are to change.

use super::store::{self, Stored};
use crate::db::{Conn, Tx};
use crate::households::HouseholdStatus;
use crate::http::{Error, Result};
use crate::kernel::Within;
use crate::kernel::ids::{AreaId, HouseholdId};

/// A household of these areas; another's is not found.
pub(in crate::households) async fn reachable(
    conn: &mut Conn,
    areas: &Within<AreaId>,
    id: HouseholdId,
) -> Result<Stored> {
    store::household(conn, areas, id).await?.ok_or(Error::NotFound)
}

/// The same, locked until the transaction ends. Lock several in the order of their ids.
pub(in crate::households) async fn lock_reachable(
    tx: &mut Tx,
    areas: &Within<AreaId>,
    id: HouseholdId,
) -> Result<Stored> {
    store::lock(tx, areas, id).await?.ok_or(Error::NotFound)
}

/// A merged or erased household does not change any more.
pub(in crate::households) fn require_active(stored: &Stored) -> Result<()> {
    if stored.status == HouseholdStatus::Active {
        return Ok(());
    }
    Err(Error::conflict(
        "not_active",
        "Hộ này đã được gộp hoặc đã xóa dữ liệu nên không sửa được nữa.",
        "This household was merged or erased and can't change any more.",
    ))
}
