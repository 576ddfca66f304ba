//! Signing keys are made and withdrawn, and what a withdrawn one signed is replaced.

use serde_json::json;

use crate::db::Tx;
use crate::http::{Core, Error, Result};
use crate::people::Permit;
use crate::people::audit::{self, Act};
use crate::people::rights::{ChangePeople, ManagePeople};
use crate::vouchers::key_view::{KeyView, WithdrawnView};
use crate::vouchers::reissue::{ReissuedAll, reissue_all};
use crate::vouchers::{keyring, ring_cache};

/// Makes a new key, which signs in an hour, when phones know it; at once when that is asked for or no other key signs.
pub async fn rotate(tx: &mut Tx, core: &Core, permit: &Permit<ChangePeople>, now: bool) -> Result<KeyView> {
    let kid = keyring::rotate(tx, core, now).await?;
    forget_after(tx, core);
    let key = view(tx, kid).await?;
    audit::append(tx, &core.clock, permit.actor(), Act::many("create", "signing_key", json!({ "kid": kid }))).await?;
    Ok(key)
}

/// Withdraws a key: nothing that it signed counts any more.
pub async fn withdraw(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<ChangePeople>,
    kid: u8,
    reason: String,
) -> Result<WithdrawnView> {
    let vouchers_to_reissue = keyring::withdraw(tx, core, kid, reason).await?;
    forget_after(tx, core);
    let key = view(tx, kid).await?;
    let act = Act::many("withdraw", "signing_key", json!({ "kid": kid, "vouchers": vouchers_to_reissue }));
    audit::append(tx, &core.clock, permit.actor(), act).await?;
    core.changed_after(tx);
    Ok(WithdrawnView { key, vouchers_to_reissue })
}

/// Replaces the papers of all vouchers that a withdrawn key signed; those that were received or voided stay as they are.
pub async fn reissue(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<ManagePeople>,
    kid: u8,
    reason: String,
) -> Result<ReissuedAll> {
    let done = reissue_all(tx, core, kid, &reason, permit.id).await?;
    let act = Act::many("reissue", "signing_key", json!({ "kid": kid, "vouchers": done.reissued }));
    audit::append(tx, &core.clock, permit.actor(), act).await?;
    core.changed_after(tx);
    Ok(done)
}

fn forget_after(tx: &mut Tx, core: &Core) {
    let core = core.clone();
    tx.after_commit(move || ring_cache::forget(&core));
}

async fn view(tx: &mut Tx, kid: u8) -> Result<KeyView> {
    let key = keyring::all(tx).await?.into_iter().find(|key| key.kid == kid);
    key.map(KeyView::from).ok_or(Error::NotFound)
}
