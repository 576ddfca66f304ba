//! Conflicts are settled, and whom one concerns.

use serde_json::json;
use uuid::Uuid;

use super::resolution::Resolution;
use super::store;
use super::view::ConflictView;
use crate::db::{Conn, Tx};
use crate::http::{Core, Error, Result};
use crate::kernel::Message;
use crate::kernel::ids::ConflictId;
use crate::people::audit::{self, Act};
use crate::people::rights::Override;
use crate::people::{Caller, Permit, Staff};
use crate::redemption::intake::ScanIntake;
use crate::redemption::quarantine;
use crate::redemption::service::uploads::record;

/// The resolution that takes the records of a `quarantined` conflict as handovers.
const ACCEPTED: &str = "accepted";
/// The resolution that takes none of them.
const REJECTED: &str = "rejected";

/// How far a login reaches into a conflict: whether it serves every point of its handovers, or of its phone where there
/// are none. Who serves none of them is told that there is no such conflict.
pub async fn reached(conn: &mut Conn, staff: &Staff, id: ConflictId) -> Result<bool> {
    let points = store::points_of(conn, id).await?;
    if !staff.scope.points.holds_one(points.iter().copied()) {
        return Err(Error::NotFound);
    }
    Ok(points.into_iter().all(|point_id| staff.serves(point_id)))
}

/// A conflict that its caller may settle.
#[derive(Clone, Copy, Debug)]
struct Settleable(ConflictId);

/// For who reaches every point that it is about.
async fn settleable(conn: &mut Conn, permit: &Permit<Override>, id: ConflictId) -> Result<Settleable> {
    if reached(conn, permit, id).await? { Ok(Settleable(id)) } else { Err(Error::Forbidden) }
}

/// Settles a conflict. The records of a `quarantined` one that are accepted are booked by the engine before, so that
/// this is no one act: whatever stops it in between, settling it again books nothing twice.
pub(in crate::redemption) async fn resolve(
    core: &Core,
    redemption: &ScanIntake,
    permit: &Permit<Override>,
    id: ConflictId,
    resolution: Resolution,
) -> Result<ConflictView> {
    // First the turn: a record of another point can't come under the conflict once it is known whom it concerns.
    let _turn = redemption.in_turn().await;
    let id = settleable(&mut core.db.read().await?, permit, id).await?;
    let accepted = book_quarantined(core, redemption, id, &resolution).await?;
    core.run(async |tx| settle(tx, core, permit, id, resolution, &accepted).await).await
}

async fn settle(
    tx: &mut Tx,
    core: &Core,
    permit: &Permit<Override>,
    Settleable(id): Settleable,
    Resolution { word, reason, .. }: Resolution,
    accepted: &[Uuid],
) -> Result<ConflictView> {
    let points = &permit.scope.points;
    let settled = store::resolve(tx, id, &word, &reason, permit.id, core.clock.now()).await?;
    let view = store::one(tx, points, id).await?.ok_or(Error::NotFound)?;
    if !settled {
        return Err(Error::conflict(
            "already_resolved",
            "Trường hợp này đã được giải quyết rồi.",
            "This conflict was settled before.",
        ));
    }
    let records = quarantine::store::decide(tx, id, accepted).await?;
    let view = if records > 0 { store::one(tx, points, id).await?.ok_or(Error::NotFound)? } else { view };
    let act = Act::on("resolve", "conflict", id.0)
        .with(json!({ "resolution": word, "records": records, "accepted": accepted.len() }));
    audit::append(tx, &core.clock, permit.actor(), act).await?;
    let viewers = core.clone();
    tx.after_commit(move || viewers.changed());
    Ok(view)
}

/// Takes what a revoked phone told as handovers, when a coordinator accepts it; the nonces of what was taken.
async fn book_quarantined(
    core: &Core,
    redemption: &ScanIntake,
    Settleable(id): Settleable,
    resolution: &Resolution,
) -> Result<Vec<Uuid>> {
    let Some(device) = store::quarantined_device(&mut core.db.read().await?, id).await? else { return Ok(Vec::new()) };
    let chosen = resolution.nonces.as_deref();
    match resolution.word.as_str() {
        ACCEPTED => {}
        REJECTED => return Ok(Vec::new()),
        _ => {
            let say = Message::fixed(
                "Chọn: các lượt được chọn đã phát thật (accepted), hay không lượt nào có thật (rejected).",
                "Say whether the chosen records took place (accepted) or none did (rejected).",
            );
            return Err(Error::field("resolution", "unknown", say));
        }
    }
    if chosen.is_some_and(<[Uuid]>::is_empty) {
        let say = Message::fixed(
            "Chọn ít nhất một lượt đã phát thật, hoặc chọn «không lượt nào có thật».",
            "Choose at least one that took place, or say that none did.",
        );
        return Err(Error::field("nonces", "required", say));
    }
    let caller = Caller::Device(device);
    let items = quarantine::service::items(core, id, chosen).await?;
    let mut nonces = Vec::with_capacity(items.len());
    let mut scans = Vec::with_capacity(items.len());
    for (nonce, item) in items {
        nonces.push(nonce);
        scans.push(record(core, redemption, &caller, &item).await?.0);
    }
    for decided in redemption.engine.decide_all(scans).await {
        // What can't be decided (there is no such point) is settled with the rest.
        let _ = decided?;
    }
    Ok(nonces)
}
