//! What a clerk decides about the rows of a list, and what keeps a committed list from being taken back.

use serde::Serialize;

use super::kind::Opened;
use crate::db::Tx;
use crate::households::store::undo;
use crate::http::{Core, Error, Result};
use crate::kernel::Message;
use crate::kernel::ids::{HouseholdId, ImportId};
use crate::spreadsheet::RowStatus;

/// What is to become of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A household of its own.
    New,
    /// Left out.
    Skip,
    /// It gives the household that it is the same as what that lacks.
    Merge,
    /// The same, with a household that the clerk named.
    Into(HouseholdId),
    /// What the preview says; takes an earlier decision back.
    Back,
}

impl Decision {
    /// `new`, `skip`, `merge`, a household's id, or nothing.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "" => Self::Back,
            "new" => Self::New,
            "skip" => Self::Skip,
            "merge" => Self::Merge,
            id => Self::Into(id.parse().ok()?),
        })
    }
}

/// A decision as it is kept, or nothing when it can't be.
pub(super) fn kept(list: &Opened, place: usize, decision: Decision) -> Option<Option<String>> {
    let status = list.reading.rows[place].status;
    if status == RowStatus::Skipped
        || (status == RowStatus::Error && !matches!(decision, Decision::Skip | Decision::Back))
    {
        return None;
    }
    match decision {
        Decision::Back => Some(None),
        Decision::Skip => Some(Some("skip".to_owned())),
        Decision::New => (!list.met.is_taken(place)).then(|| Some("new".to_owned())),
        Decision::Merge => list.met.same(place).map(|found| Some(found.id.to_string())),
        Decision::Into(id) => Some(Some(id.to_string())),
    }
}

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
pub(super) async fn undo(tx: &mut Tx, core: &Core, id: ImportId) -> Result<Undone> {
    undo::lock(tx, id).await?;
    let (with_voucher, changed) = undo::dependant_counts(tx, id).await?;
    if with_voucher > 0 || changed > 0 {
        return Err(in_use(with_voucher, changed));
    }
    let emptied = undo::empty_again(tx, &core.clock, id).await?;
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
