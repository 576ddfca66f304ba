//! Keeps doubtful records, and gives them back to be decided.

use serde_json::Value;
use uuid::Uuid;

use super::store;
use crate::db::Tx;
use crate::http::{Core, Error, Result};
use crate::kernel::Message;
use crate::kernel::ids::{ConflictId, DeviceId};
use crate::redemption::conflicts;
use crate::redemption::conflicts::{ConflictDetail, NewConflict};
use crate::redemption::quarantine::record::Record;
use crate::redemption::rules::ConflictKind;
use crate::vault::{MasterChange, Purpose};

/// Records of one phone that wait at most.
const WAITING_MAX: usize = 1_000;

/// How many more records of a phone may wait.
pub async fn room(core: &Core, device_id: DeviceId) -> Result<usize> {
    let waiting = store::waiting(&mut core.db.read().await?, device_id).await?;
    Ok(WAITING_MAX.saturating_sub(usize::try_from(waiting).unwrap_or(usize::MAX)))
}

/// Keeps records of a phone, under its open conflict or a new one.
pub async fn keep(tx: &mut Tx, core: &Core, device_id: DeviceId, records: Vec<Record>) -> Result<()> {
    let now = core.clock.now();
    let conflict_id = match store::open_conflict(tx, device_id).await? {
        Some(id) => id,
        None => {
            let id = ConflictId::new(&core.clock);
            let conflict = NewConflict {
                id,
                kind: ConflictKind::Quarantined,
                voucher_id: None,
                winner_nonce: None,
                other_nonce: None,
                device_id: Some(device_id),
                detail: ConflictDetail::Against(Vec::new()),
                at: now,
            };
            conflicts::store::insert(tx, &conflict).await?;
            id
        }
    };
    store::insert(tx, conflict_id, device_id, records, now).await?;
    let viewers = core.clone();
    tx.after_commit(move || viewers.changed());
    Ok(())
}

/// The items of a conflict that wait and are among `chosen` (all, when nothing was chosen), as they were uploaded.
pub async fn items(core: &Core, id: ConflictId, chosen: Option<&[Uuid]>) -> Result<Vec<(Uuid, Value)>> {
    let sealed = store::sealed_of(&mut core.db.read().await?, id).await?;
    let wanted = |(nonce, _): &(Uuid, Vec<u8>)| chosen.is_none_or(|chosen| chosen.contains(nonce));
    let open = |(nonce, sealed): (Uuid, Vec<u8>)| {
        let plain = core.vault.open(Purpose::Record, &sealed).map_err(|error| Error::Internal(Box::new(error)))?;
        let item = serde_json::from_slice(&plain).map_err(|error| Error::Internal(Box::new(error)))?;
        Ok((nonce, item))
    };
    sealed.into_iter().filter(wanted).map(open).collect()
}

/// Seals every record anew: the master secret changes.
pub async fn reseal(tx: &mut Tx, change: &MasterChange<'_>) -> Result<()> {
    for (nonce, sealed) in store::sealed(tx).await? {
        store::replace_sealed(tx, nonce, change.reseal(Purpose::Record, &sealed)?).await?;
    }
    Ok(())
}

/// What the phone is told of such a record.
pub const fn message() -> Message {
    Message::fixed(
        "Máy đã bị thu hồi: lượt này đã được ghi lại và chờ cán bộ phụ trách xem.",
        "This phone was revoked: the record is kept and waits for the coordinator.",
    )
}
