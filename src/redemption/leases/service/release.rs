//! Leases end by a coordinator who accepts the risk that their phones handed out what they held; and phones are revoked: a
//! lost phone must not lock its desk.

use serde_json::json;

use crate::db::Tx;
use crate::http::{Core, Error, Result};
use crate::kernel::ids::{DeviceId, LeaseId};
use crate::kernel::{Clock, Message, Moment};
use crate::people::audit::{self, Act};
use crate::people::device_view::{DeviceView, one_view};
use crate::people::rights::{ManageDevices, Override};
use crate::people::service::devices;
use crate::people::{Permit, reachable_device};
use crate::redemption::intake::ScanIntake;
use crate::redemption::leases::lookup::lock_at;
use crate::redemption::leases::risk::Risk;
use crate::redemption::leases::rules::{self, LeaseState, Release};
use crate::redemption::leases::store;
use crate::redemption::leases::view::{Ended, Released};

/// Releases all that a phone holds.
pub(in crate::redemption) async fn release_phone(
    tx: &mut Tx,
    core: &Core,
    redemption: &ScanIntake,
    permit: &Permit<Override>,
    (device_id, risk): (DeviceId, &Risk),
) -> Result<Released> {
    reachable_device(tx, permit, device_id).await?;
    let released = release_all(tx, &core.clock, permit, device_id, risk).await?;
    tell(tx, core, redemption);
    Ok(Released { released })
}

/// Revokes a phone, and releases what it holds where that is asked for.
pub(in crate::redemption) async fn revoke_phone(
    tx: &mut Tx,
    core: &Core,
    redemption: &ScanIntake,
    permit: &Permit<ManageDevices>,
    (id, release): (DeviceId, Option<(&Permit<Override>, &Risk)>),
) -> Result<DeviceView> {
    reachable_device(tx, permit, id).await?;
    devices::revoke(tx, core, permit, id).await?;
    if let Some((permit, risk)) = release {
        release_all(tx, &core.clock, permit, id, risk).await?;
        tell(tx, core, redemption);
    }
    one_view(tx, &permit.scope.points, id).await
}

/// A coordinator accepts the risk: the lease ends, though what its phone handed out is not known.
pub(in crate::redemption) async fn release(
    tx: &mut Tx,
    core: &Core,
    redemption: &ScanIntake,
    permit: &Permit<Override>,
    id: LeaseId,
    risk: Risk,
) -> Result<Ended> {
    let now = core.clock.now();
    let lease = lock_at(tx, &permit.scope.points, id).await?;
    match rules::may_release(lease.state(now), risk.still_in_use) {
        Release::Allowed => {}
        Release::Ended => {
            return Err(Error::conflict(
                "lease_ended",
                "Máy này đã báo kết thúc hoặc đã được giải phóng trước đó.",
                "This lease was reported or released before.",
            ));
        }
        Release::StillInUse => {
            return Err(Error::conflict(
                "lease_in_use",
                "Máy này vẫn có thể đang phát khi mất mạng. Chỉ giải phóng khi chắc chắn máy không còn phát, và đánh dấu \
                 «vẫn còn hạn» (still_in_use).",
                "This phone may still be handing out offline. Release it only when it surely does not, and say \
                 still_in_use.",
            ));
        }
    }
    let ended = store::close(tx, id, now, Some((risk.reason, permit.id))).await?;
    let act =
        Act::on("release", "lease", id.0).with(json!({ "ended": ended, "in_use": lease.state(now).name() == "open" }));
    audit::append(tx, &core.clock, permit.actor(), act).await?;
    tell(tx, core, redemption);
    Ok(Ended { state: LeaseState::Released, closed_at: Some(now), ended })
}

/// All of a phone's leases at points that the coordinator reaches; how many vouchers that were not handed out in full are
/// free from then on.
async fn release_all(
    tx: &mut Tx,
    clock: &Clock,
    permit: &Permit<Override>,
    device_id: DeviceId,
    risk: &Risk,
) -> Result<i64> {
    let now = clock.now();
    let all = store::lock_open_of_device(tx, device_id).await?;
    let (open, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|lease| permit.serves(lease.point_id));
    if open.is_empty() && !others.is_empty() {
        return Err(Error::Forbidden);
    }
    for lease in &open {
        if rules::may_release(lease.state(now), risk.still_in_use) == Release::StillInUse {
            return Err(still_in_use(lease.use_until));
        }
    }
    let held = store::of_device(tx, device_id).await?.ok_or(Error::NotFound)?.unserved;
    for lease in &open {
        let ended = store::close(tx, lease.id, now, Some((risk.reason.clone(), permit.id))).await?;
        let in_use = lease.state(now) == LeaseState::Open;
        let act = Act::on("release", "lease", lease.id.0).with(json!({ "ended": ended, "in_use": in_use }));
        audit::append(tx, clock, permit.actor(), act).await?;
    }
    let left = store::of_device(tx, device_id).await?.ok_or(Error::NotFound)?.unserved;
    Ok(held - left)
}

fn still_in_use(until: Moment) -> Error {
    let until = until.for_people();
    Error::Conflict {
        code: "still_in_use",
        say: Message::new(
            format!(
                "Máy này còn có thể phát khi mất mạng đến {until}. Chỉ giải phóng khi chắc chắn máy không còn phát được \
                 (đã mất, hỏng hoặc cất đi), và đánh dấu ô đó."
            ),
            format!(
                "This phone may still hand out offline until {until}. Release only when it surely does not (lost, \
                 broken or put away), and tick that."
            ),
        ),
    }
}

/// Tells phones that wait, and live viewers, that vouchers are free.
fn tell(tx: &mut Tx, core: &Core, redemption: &ScanIntake) {
    let (core, redemption) = (core.clone(), redemption.clone());
    tx.after_commit(move || {
        redemption.tell_recalls();
        core.changed();
    });
}
