//! Phones: invited by a coordinator, enrolled once with a code, revoked at once.

use crate::db::Tx;
use crate::http::throttle::ThrottleKind;
use crate::http::{Core, Error, Peer, Result};
use crate::kernel::ids::DeviceId;
use crate::kernel::{Clock, Message};
use crate::people::Permit;
use crate::people::audit::{self, Act, Actor};
use crate::people::caller::forget_believed;
use crate::people::device::{EnrolBody, Enrolled, Enrolment, Invitation, NewDevice, code_hash, new_code};
use crate::people::lookup::require_points;
use crate::people::rights::ManageDevices;
use crate::people::store::devices::{self, NewDeviceRow};
use crate::vault::{new_token, token_hash};

/// How long an enrolment code is good, in seconds.
const CODE_SECS: i64 = 24 * 3600;

/// Invites a phone: its code enrols one phone, once, within a day. `base_url` is where the phone reaches us.
pub(in crate::people) async fn invite(
    tx: &mut Tx,
    clock: &Clock,
    permit: &Permit<ManageDevices>,
    new: NewDevice,
    base_url: &str,
) -> Result<Invitation> {
    let NewDevice { name, point_ids } = new;
    let point_ids = require_points(tx, point_ids).await?;
    let enrol_code = new_code(clock);
    let expires_at = clock.now().plus_secs(CODE_SECS);
    let device = NewDeviceRow {
        name,
        point_ids,
        created_by: permit.id,
        enrol_hash: code_hash(&enrol_code),
        enrol_expires_at: expires_at,
    };
    let id = devices::insert(tx, clock, device).await?;
    audit::append(tx, clock, permit.actor(), Act::on("create", "device", id.0)).await?;
    Ok(Invitation { id, enrol_url: format!("{base_url}/enrol#{enrol_code}"), enrol_code, expires_at })
}

/// Reads what a phone shows. Whoever only guesses codes is refused here, before the writer is asked for.
pub(in crate::people) async fn read_enrolment(core: &Core, peer: &Peer, body: &EnrolBody) -> Result<Enrolment> {
    let enrolment = Enrolment::parse(body)?;
    if devices::by_enrol_hash(&mut core.db.read().await?, &enrolment.enrol_hash).await?.is_some() {
        return Ok(enrolment);
    }
    let now = core.clock.now();
    if let Some(secs) = core.throttle.wait_secs(ThrottleKind::LongCode, &peer.address, now) {
        return Err(Error::TooMany(secs));
    }
    core.throttle.failed(ThrottleKind::LongCode, &peer.address, now);
    let say = Message::fixed(
        "Không có mã này. Kiểm tra lại từng ký tự, hoặc quét mã QR trên màn hình của cán bộ phụ trách.",
        "There is no such code. Check each character, or scan the QR code on the coordinator's screen.",
    );
    Err(Error::field("enrol_code", "unknown", say))
}

/// Enrols a phone with its code. Of many tries with one code, at the same instant even, exactly one gets the token.
pub(in crate::people) async fn enrol(tx: &mut Tx, clock: &Clock, enrolment: Enrolment) -> Result<Enrolled> {
    let Enrolment { enrol_hash, volunteer } = enrolment;
    let token = new_token(clock);
    let enrolled = devices::enrol(tx, &enrol_hash, &token_hash(&token), volunteer, clock.now()).await?;
    let device = devices::by_enrol_hash(tx, &enrol_hash).await?.ok_or(Error::NotFound)?;
    if enrolled {
        audit::append(tx, clock, Actor::Device(device.id), Act::on("enrol", "device", device.id.0)).await?;
        return Ok(Enrolled { device_id: device.id, token });
    }
    Err(if device.enrolled_at.is_some() {
        Error::conflict(
            "enrol_code_used",
            "Mã này đã dùng cho một máy. Hãy nhờ cán bộ phụ trách cấp mã mới.",
            "This code enrolled a phone already. Ask the coordinator for a new one.",
        )
    } else {
        Error::conflict(
            "enrol_code_over",
            "Mã này đã hết hạn hoặc bị thu hồi. Hãy nhờ cán bộ phụ trách cấp mã mới.",
            "This code is over or was revoked. Ask the coordinator for a new one.",
        )
    })
}

/// Revokes a phone, at once. The first revocation's moment stays. Whether the caller reaches it was checked: see
/// [`reachable_device`](crate::people::reachable_device).
pub async fn revoke(tx: &mut Tx, core: &Core, permit: &Permit<ManageDevices>, id: DeviceId) -> Result<()> {
    if devices::revoke(tx, id, core.clock.now()).await? == 1 {
        audit::append(tx, &core.clock, permit.actor(), Act::on("revoke", "device", id.0)).await?;
    }
    let core = core.clone();
    tx.after_commit(move || {
        forget_believed();
        core.changed();
    });
    Ok(())
}
