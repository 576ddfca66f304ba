//! Removing again what a list stored, while nobody has worked on it.

use serde::Serialize;

use super::RentReductions;
use crate::db::Tx;
use crate::http::{Core, Error, Result};
use crate::imports::undo::ListUndo;
use crate::kernel::Message;
use crate::kernel::ids::ImportId;
use crate::landlords::store::undo;
use crate::people::Permit;
use crate::people::rights::WriteRent;

/// What taking a list back did.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RentImportUndone)]
pub struct Undone {
    /// Reductions that are no longer there.
    pub removed: u64,
}

impl ListUndo for RentReductions {
    type Undone = Undone;

    async fn undo(tx: &mut Tx, _core: &Core, permit: &Permit<WriteRent>, id: ImportId) -> Result<Undone> {
        let areas = undo::lock(tx, id).await?;
        let changed = undo::dependant_count(tx, id).await?;
        if changed > 0 {
            let say = Message::new(
                format!(
                    "Không hoàn tác được cả danh sách: {changed} khoản đã được xác minh, sửa, từ chối hoặc xác nhận sau khi \
                     ghi. Hãy từ chối từng khoản không đúng."
                ),
                format!(
                    "The list can't be taken back as a whole: {changed} reductions were verified, corrected, rejected or \
                     confirmed since. Reject the wrong ones one by one."
                ),
            );
            return Err(Error::Conflict { code: "import_in_use", say });
        }
        let reach = &permit.scope.areas;
        if areas.into_iter().any(|area_id| area_id.map_or(!reach.is_all(), |area_id| !reach.holds(area_id))) {
            return Err(Error::Forbidden);
        }
        Ok(Undone { removed: undo::remove(tx, id).await? })
    }
}
