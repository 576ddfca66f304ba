//! Removing again what a list registered and told, while nothing depends on it.

use serde::Serialize;

use super::Households;
use crate::consents::{self, ConsentSubject};
use crate::db::Tx;
use crate::households::store::undo;
use crate::http::{Core, Error, Result};
use crate::imports::undo::ListUndo;
use crate::kernel::Message;
use crate::kernel::ids::ImportId;
use crate::people::Permit;
use crate::people::rights::WriteHouseholds;

/// What taking a list back did.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = HouseholdImportUndone)]
pub struct Undone {
    /// Households that are no longer in the register.
    pub removed: u64,
    /// Households from which was taken what the list had told of them.
    pub emptied: u64,
}

/// Removes what a list registered and told, while nothing depends on it.
async fn remove(tx: &mut Tx, core: &Core, permit: &Permit<WriteHouseholds>, id: ImportId) -> Result<Undone> {
    let areas = undo::lock(tx, id).await?;
    let (with_voucher, changed) = undo::dependant_counts(tx, id).await?;
    if with_voucher > 0 || changed > 0 {
        return Err(in_use(with_voucher, changed));
    }
    areas.into_iter().try_for_each(|area_id| permit.scope.areas.require(area_id))?;
    let emptied = undo::empty_again(tx, &core.clock, id).await?;
    let registered = undo::registered(tx, id).await?;
    consents::service::remove_of_list(tx, ConsentSubject::Household, &registered).await?;
    Ok(Undone { removed: undo::remove(tx, id).await?, emptied })
}

fn in_use(with_voucher: i64, changed: i64) -> Error {
    let (mut vi, mut en) = (Vec::new(), Vec::new());
    if with_voucher > 0 {
        vi.push(format!("{with_voucher} hộ đã có phiếu nhận hàng"));
        en.push(format!("{with_voucher} households have vouchers"));
    }
    if changed > 0 {
        vi.push(format!("{changed} hộ đã được sửa, gộp hoặc xóa dữ liệu sau khi ghi"));
        en.push(format!("{changed} households were changed, merged or erased since"));
    }
    let say = Message::new(
        format!("Không hoàn tác được cả danh sách: {}. Hãy sửa hoặc gộp từng hộ.", vi.join("; ")),
        format!(
            "The list can't be taken back as a whole: {}. Correct or merge single households instead.",
            en.join("; ")
        ),
    );
    Error::Conflict { code: "import_in_use", say }
}

impl ListUndo for Households {
    type Undone = Undone;

    async fn undo(tx: &mut Tx, core: &Core, permit: &Permit<WriteHouseholds>, id: ImportId) -> Result<Undone> {
        remove(tx, core, permit, id).await
    }
}
