//! Merging a household into another. What becomes of their vouchers is decided above, in `redemption/merges`, which calls
//! this in its own transaction.

use serde_json::json;

use crate::consents::{self, ConsentSubject, Owner};
use crate::db::{ErrorKind, Tx, classify};
use crate::households::household_body::Merge;
use crate::households::lookup::{lock_reachable, require_active};
use crate::households::service::duplicates::unknown_household;
use crate::households::store::{self, sealed_note};
use crate::households::view::opened_note;
use crate::http::{Core, Error, Result};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::WriteHouseholds;

/// Merges a household into another, which keeps its details and gets what it lacks of the other's. Both are locked until
/// the transaction ends.
pub async fn merge(tx: &mut Tx, core: &Core, permit: &Permit<WriteHouseholds>, merge: Merge) -> Result<()> {
    let Merge { id, into, reason } = merge;
    let mut note = String::new();
    for locked in [id.min(into), id.max(into)] {
        let stored = lock_reachable(tx, &permit.scope.areas, locked).await;
        let stored = if locked == into { stored.map_err(|_| unknown_household("into_id"))? } else { stored? };
        require_active(&stored)?;
        if locked == id {
            note = opened_note(&core.vault, stored.note_sealed.as_deref())?;
        }
    }
    let note = format!("{note} {reason}");
    store::merge(tx, &core.clock, id, into, sealed_note(&core.vault, note.trim())).await?;
    let owner = |id: crate::kernel::ids::HouseholdId| Owner { kind: ConsentSubject::Household, id: id.0 };
    consents::service::hand_on(tx, owner(id), owner(into)).await?;
    store::inherit(tx, &core.clock, into, id).await.map_err(taken_meanwhile)?;
    let act = Act::on("merge", "household", id.0).with(json!({ "into_id": into }));
    audit::append(tx, &core.clock, permit.actor(), act).await
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
