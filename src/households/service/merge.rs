//! Merging a household into another.

use serde_json::json;

use crate::db::{ErrorKind, Tx, classify};
use crate::households::household_body::Merge;
use crate::households::lookup::{lock_reachable, require_active};
use crate::households::service::duplicates::unknown_household;
use crate::households::store;
use crate::households::view::{Household, shown_after};
use crate::http::{Core, Error, Result};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::WriteHouseholds;

/// Merges a household into another, which keeps its details and gets what it lacks of the other's.
pub(in crate::households) async fn merge(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<WriteHouseholds>,
    merge: Merge,
) -> Result<Household> {
    let Merge { id, into, reason } = merge;
    for locked in [id.min(into), id.max(into)] {
        let stored = lock_reachable(tx, &permit.scope.areas, locked).await;
        let stored = if locked == into { stored.map_err(|_| unknown_household("into_id"))? } else { stored? };
        require_active(&stored)?;
    }
    if store::shared_rounds(tx, id, into).await? > 0 {
        return Err(Error::conflict(
            "both_hold_vouchers",
            "Hai hộ đều có phiếu trong cùng một đợt phát. Hủy phiếu chưa dùng của một hộ rồi gộp lại.",
            "Both hold a voucher of the same round. Void the unused one of them, then merge.",
        ));
    }
    store::merge(tx, &core.clock, id, into, reason).await?;
    store::inherit(tx, &core.clock, into, id).await.map_err(taken_meanwhile)?;
    let act = Act::on("merge", "household", id.0).with(json!({ "into_id": into }));
    audit::append(tx, &core.clock, permit.actor(), act).await?;
    let told = core.clone();
    tx.after_commit(move || told.changed());
    shown_after(tx, core, permit, into).await
}

fn taken_meanwhile(error: sqlx::Error) -> Error {
    if classify(&error) == ErrorKind::Unique {
        return Error::conflict(
            "registry_changed",
            "Danh sách hộ vừa được người khác sửa. Hãy thử lại.",
            "Someone changed the registry just now. Try again.",
        );
    }
    error.into()
}
