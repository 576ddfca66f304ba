//! Erasing a donor's personal data; called by `privacy` in its own transaction.

use super::store::erasure::{self, StoredDonor};
use crate::db::{Conn, ErrorKind, Tx, classify};
use crate::http::{Error, Result};
use crate::kernel::ids::DonorId;
use crate::kernel::{Clock, Traces};

/// A donor.
pub async fn donor(conn: &mut Conn, id: DonorId) -> Result<StoredDonor> {
    erasure::donor(conn, id).await?.ok_or(Error::NotFound)
}

/// Locks a donor who is to be erased: true when it is to be done now, false when it was done before.
pub async fn lock(tx: &mut Tx, id: DonorId) -> Result<bool> {
    erasure::lock(tx, id).await?;
    Ok(donor(tx, id).await?.erased_at.is_none())
}

/// What tells of a donor elsewhere. Whoever gave as nobody has no name to look for.
pub async fn traces(conn: &mut Conn, id: DonorId) -> Result<Traces> {
    let mut traces = Traces::default();
    let donor = donor(conn, id).await?;
    if donor.name != super::ANONYMOUS {
        traces.add_name(&donor.name);
    }
    Ok(traces)
}

/// Erases a donor for good. A condition binds the gift's use, so it goes only where it names the donor.
pub async fn erase(tx: &mut Tx, clock: &Clock, id: DonorId, traces: &Traces) -> Result<()> {
    for (donation, condition) in erasure::conditions(tx, id).await? {
        if traces.are_in(&condition) {
            erasure::empty_condition(tx, donation).await?;
        }
    }
    erasure::erase(tx, clock, id).await?;
    Ok(())
}

/// Names a donor no more. One who gave as nobody under the same name stays another record, so this one can't become that.
pub async fn hide(tx: &mut Tx, id: DonorId) -> Result<()> {
    erasure::hide(tx, id).await.map_err(|error| {
        if classify(&error) == ErrorKind::Unique {
            return Error::conflict(
                "donor_exists",
                "Đã có một nhà hảo tâm ẩn danh cùng tên. Hãy gộp hai hồ sơ trước.",
                "There is an anonymous donor of the same name. Bring the two together first.",
            );
        }
        error.into()
    })?;
    Ok(())
}
