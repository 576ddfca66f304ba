//! Households that a request names: within a login's reach, and active where they are to change.

use super::store::Stored;
use crate::households::HouseholdStatus;
use crate::http::{Error, Result};
use crate::places::AreaScope;

/// A record outside the scope is not found.
pub(in crate::households) fn in_scope(stored: Option<Stored>, scope: &AreaScope) -> Result<Stored> {
    stored.filter(|stored| scope.holds(stored.area_id)).ok_or(Error::NotFound)
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
