//! Merging a household into another.

use serde::Deserialize;
use serde_json::json;

use crate::db::{ErrorKind, classify};
use crate::households::lookup::{in_scope, require_active};
use crate::households::service::duplicates::{same_household, unknown_household};
use crate::households::store;
use crate::households::view::{Household, shown};
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
pub(in crate::households) struct MergeBody {
    /// The household that stays.
    pub(in crate::households) into_id: HouseholdId,
    /// Why, 3 to 300 characters.
    pub(in crate::households) reason: String,
}

/// Merges a household into another, which keeps its details and gets what it lacks of the other's.
pub(in crate::households) async fn merge(
    core: &Core,
    permit: &Permit<WriteHouseholds>,
    id: HouseholdId,
    body: MergeBody,
) -> Result<Household> {
    let into = body.into_id;
    if into == id {
        return Err(same_household("into_id"));
    }
    let mut fields = Validation::new();
    let reason = fields.take("reason", audit::parse_reason(&body.reason));
    fields.finish()?;
    let mut tx = core.db.begin().await?;
    let scope = AreaScope::of(permit);
    for locked in [id.min(into), id.max(into)] {
        let stored = in_scope(store::lock(&mut tx, locked).await?, &scope);
        let stored = if locked == into { stored.map_err(|_| unknown_household("into_id"))? } else { stored? };
        require_active(&stored)?;
    }
    if store::shared_rounds(&mut tx, id, into).await? > 0 {
        return Err(Error::conflict(
            "both_hold_vouchers",
            "Hai hộ đều có phiếu trong cùng một đợt phát. Hủy phiếu chưa dùng của một hộ rồi gộp lại.",
            "Both hold a voucher of the same round. Void the unused one of them, then merge.",
        ));
    }
    store::merge(&mut tx, &core.clock, id, into, reason.unwrap_or_default()).await?;
    store::inherit(&mut tx, &core.clock, into, id).await.map_err(taken_meanwhile)?;
    let act = Act::on("merge", "household", id.0).with(json!({ "into_id": into }));
    audit::append(&mut tx, &core.clock, permit.actor(), act).await?;
    let stored = store::household(&mut tx, into).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    core.changed();
    shown(core, permit, vec![stored]).await?.pop().ok_or(Error::NotFound)
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
