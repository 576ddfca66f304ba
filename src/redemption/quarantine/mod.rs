//! Records of a revoked phone that it may not have made: kept without moving goods until a coordinator accepts them.
//!
//! Promises: nothing that a phone tells is lost; what waits is one open conflict a phone; accepted, a record is decided
//! like any other fact, and a second acceptance changes nothing.

pub mod store;

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::Scan;
use super::admission::Doubt;
use super::conflicts::{self, NewConflict};
use super::rules::ConflictKind;
use crate::http::{Core, Error, Result};
use crate::kernel::ids::{ConflictId, DeviceId, PointId};
use crate::kernel::{Message, Moment};
use crate::vault::Purpose;

/// Records of one phone that wait at most.
const WAITING_MAX: usize = 1_000;

/// A record to be kept.
#[derive(Debug)]
pub struct Record {
    nonce: Uuid,
    point_id: PointId,
    voucher_id: Uuid,
    desk: String,
    units: i64,
    scanned_at: Moment,
    doubt: Doubt,
    sealed: Vec<u8>,
}

impl Record {
    /// The record that an upload's item holds.
    pub fn new(core: &Core, scan: &Scan, voucher_id: Uuid, item: &Value, doubt: Doubt) -> Self {
        Self {
            nonce: scan.nonce,
            point_id: scan.point_id,
            voucher_id,
            desk: scan.desk.clone(),
            units: scan.units,
            scanned_at: scan.scanned_at,
            doubt,
            sealed: core.vault.seal(Purpose::Record, item.to_string().as_bytes()),
        }
    }
}

/// A record in quarantine.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct QuarantinedView {
    /// Its nonce.
    pub nonce: Uuid,
    /// The voucher.
    pub voucher_id: Uuid,
    /// Its serial in its round.
    pub serial: i64,
    /// Its round's name.
    pub round: String,
    /// The head of its household.
    pub head_name: String,
    /// The point's name.
    pub point: String,
    /// The desk.
    pub desk: String,
    /// Units.
    pub units: i64,
    /// By the phone's clock.
    pub scanned_at: Moment,
    /// By the server's clock.
    pub received_at: Moment,
    /// `made_after_revocation`, `not_held`, `too_many_units` or `too_many_after_revocation`.
    pub why: String,
    /// Whether a coordinator took it as a handover; null while it waits.
    pub accepted: Option<bool>,
}

/// How many more records of a phone may wait.
pub async fn room(core: &Core, device_id: DeviceId) -> Result<usize> {
    let waiting = store::waiting(&mut core.db.read().await?, device_id).await?;
    Ok(WAITING_MAX.saturating_sub(usize::try_from(waiting).unwrap_or(usize::MAX)))
}

/// Keeps records of a phone, under its open conflict or a new one.
pub async fn keep(core: &Core, device_id: DeviceId, records: Vec<Record>) -> Result<()> {
    if records.is_empty() {
        return Ok(());
    }
    let now = core.clock.now();
    let mut tx = core.db.begin().await?;
    let conflict_id = match store::open_conflict(&mut tx, device_id).await? {
        Some(id) => id,
        None => {
            let id = ConflictId::new(&core.clock);
            let conflict = NewConflict {
                id,
                kind: ConflictKind::Quarantined.name(),
                voucher_id: None,
                winner_nonce: None,
                other_nonce: None,
                device_id: Some(device_id),
                against: Vec::new(),
                chain: None,
                at: now,
            };
            conflicts::insert(&mut tx, &conflict).await?;
            id
        }
    };
    store::insert(&mut tx, conflict_id, device_id, records, now).await?;
    tx.commit().await?;
    core.changed();
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

/// What the phone is told of such a record.
pub const fn message() -> Message {
    Message::fixed(
        "Máy đã bị thu hồi: lượt này đã được ghi lại và chờ cán bộ phụ trách xem.",
        "This phone was revoked: the record is kept and waits for the coordinator.",
    )
}
