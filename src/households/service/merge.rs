//! Merging a household into another. What becomes of their vouchers is decided above, in `redemption/merges`, which calls
//! this in its own transaction.

use serde::Deserialize;
use serde_json::json;

use crate::db::{ErrorKind, Tx, classify};
use crate::households::lookup::{in_scope, require_active};
use crate::households::service::duplicates::{same_household, unknown_household};
use crate::households::store::{self, Stored};
use crate::http::{Core, Error, Result};
use crate::kernel::Validation;
use crate::kernel::ids::HouseholdId;
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::WriteHouseholds;
use crate::places::AreaScope;

/// Where a household goes.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"into_id": "0198a7b2-6f3c-7d10-9c1a-5b2f4e6d8a90", "reason": "Đăng ký hai lần, vợ và chồng"}))]
pub struct MergeBody {
    /// The household that stays.
    pub into_id: HouseholdId,
    /// Why, 3 to 300 characters.
    pub reason: String,
}

/// Merges a household into another, which keeps its details and gets what it lacks of the other's. Both are locked until
/// the transaction ends; the one that stays.
pub async fn merge(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<WriteHouseholds>,
    id: HouseholdId,
    body: &MergeBody,
) -> Result<Stored> {
    let into = body.into_id;
    if into == id {
        return Err(same_household("into_id"));
    }
    let mut fields = Validation::new();
    let reason = fields.take("reason", audit::parse_reason(&body.reason));
    let (reason,) = fields.all((reason,))?;
    let scope = AreaScope::of(permit);
    for locked in [id.min(into), id.max(into)] {
        let stored = in_scope(store::lock(tx, locked).await?, &scope);
        let stored = if locked == into { stored.map_err(|_| unknown_household("into_id"))? } else { stored? };
        require_active(&stored)?;
    }
    store::merge(tx, &core.clock, id, into, reason).await?;
    store::inherit(tx, &core.clock, into, id).await.map_err(taken_meanwhile)?;
    let act = Act::on("merge", "household", id.0).with(json!({ "into_id": into }));
    audit::append(tx, &core.clock, permit.actor(), act).await?;
    store::household(tx, into).await?.ok_or(Error::NotFound)
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
