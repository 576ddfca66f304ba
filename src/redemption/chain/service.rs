//! Takes the links of an upload, and marks a chain that is broken.

use uuid::Uuid;

use super::store;
use crate::db::Tx;
use crate::http::{Core, Result};
use crate::kernel::Clock;
use crate::kernel::ids::{ConflictId, DeviceId};
use crate::redemption::chain::rules::{Link, Trouble, judge};
use crate::redemption::conflicts;
use crate::redemption::conflicts::NewConflict;
use crate::redemption::rules::ConflictKind;

/// Takes the links of an upload whose records were answered; notes what is wrong with the chain.
pub async fn take(tx: &mut Tx, core: &Core, device_id: DeviceId, mut links: Vec<Link>) -> Result<()> {
    links.sort_by_key(|link| link.sequence);
    let now = core.clock.now();
    let head = store::lock(tx, device_id).await?;
    let mut known = store::known(tx, device_id, &links).await?;
    let mut trouble = None;
    links.retain(|link| {
        let fresh = known.get(&link.sequence).is_none_or(|hashes| !hashes.contains(&link.hash));
        if fresh {
            trouble = trouble.or_else(|| judge(head, &known, link).map(|trouble| (trouble, link.nonce)));
            known.entry(link.sequence).or_default().insert(link.hash.clone());
        }
        fresh
    });
    store::insert(tx, device_id, &links, now).await?;
    store::advance(tx, device_id, head).await?;
    if let Some((trouble, nonce)) = trouble {
        mark(tx, &core.clock, device_id, trouble, Some(nonce)).await?;
        let viewers = core.clone();
        tx.after_commit(move || viewers.changed());
    }
    Ok(())
}

/// Marks a phone, unless an open conflict marks it already.
pub async fn mark(
    tx: &mut Tx,
    clock: &Clock,
    device_id: DeviceId,
    trouble: Trouble,
    nonce: Option<Uuid>,
) -> Result<()> {
    if store::is_marked(tx, device_id).await? {
        return Ok(());
    }
    let other = match nonce {
        Some(nonce) => store::kept_under(tx, nonce).await?,
        None => None,
    };
    let conflict = NewConflict {
        id: ConflictId::new(clock),
        kind: ConflictKind::ChainBroken.name(),
        voucher_id: None,
        winner_nonce: None,
        other_nonce: other,
        device_id: Some(device_id),
        against: Vec::new(),
        chain: Some(trouble),
        at: clock.now(),
    };
    Ok(conflicts::store::insert(tx, &conflict).await?)
}
