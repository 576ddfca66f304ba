//! How leases end: given back, reported, released.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::lease::Lease;
use super::rules::{self, Release, Report};
use super::take::rolled_back;
use super::{LeaseState, store};
use crate::db::Tx;
use crate::http::{Core, Error, Result};
use crate::kernel::ids::{DeviceId, LeaseId};
use crate::kernel::message::Invalid;
use crate::kernel::{FieldError, Message, Moment, Validation};
use crate::people::audit::{self, Act, Actor};
use crate::people::{Caller, Device, Staff};
use crate::redemption::chain;
use crate::redemption::chain::rules::{Here, SEQUENCE_MAX};

/// Ranges of missing records that are told at most.
const RANGES_MAX: usize = 100;
/// Unreadable items that a report names at most.
const REJECTED_MAX: usize = 1000;

/// A phone's closing report.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ClosingReport, example = json!({"last_sequence": 18,
    "last_record_hash": "d0a7…", "rejected": [7]}))]
pub struct ClosingReport {
    /// The place of the phone's last record; 0: it never recorded anything.
    pub last_sequence: i64,
    /// That record's hash in hex; empty: there was none.
    #[serde(default)]
    pub last_record_hash: String,
    /// Places of items that an upload answered with an error; at most 1,000.
    #[serde(default)]
    pub rejected: Vec<i64>,
}

/// How a lease ended.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Ended {
    /// `closed`, or `released` when a coordinator was faster.
    pub state: LeaseState,
    /// When.
    pub closed_at: Option<Moment>,
    /// Vouchers that were free from then on.
    pub ended: u64,
}

/// The phone that calls; members of staff take no leases.
pub(crate) fn phone(caller: Caller) -> Result<Device> {
    match caller {
        Caller::Device(device) => Ok(device),
        Caller::Staff(_) => Err(Error::Forbidden),
    }
}

/// The phone's own lease; not found when it is another's.
pub fn own(lease: Option<Lease>, device: &Device) -> Result<Lease> {
    lease.filter(|lease| lease.device_id == device.id).ok_or(Error::NotFound)
}

/// Takes a closing report: the lease ends when all the phone's records are here, and only then.
pub async fn report(core: &Core, device: &Device, id: LeaseId, body: ClosingReport) -> Result<Ended> {
    let hash = check(&body)?;
    let now = core.clock.now();
    let mut tx = core.db.begin().await?;
    let lease = own(store::locked(&mut tx, id).await?, device)?;
    if !lease.state(now).holds() {
        return Ok(Ended { state: lease.state(now), closed_at: lease.closed_at, ended: 0 });
    }
    let head = chain::store::lock(&mut tx, device.id).await?;
    chain::store::insert_unreadable(&mut tx, device.id, &body.rejected, now).await?;
    let head = chain::store::advance(&mut tx, device.id, head).await?;
    let here = chain::store::sequences_after(&mut tx, device.id, head).await?;
    let missing = chain::rules::missing(head, here, body.last_sequence, RANGES_MAX);
    let at_last = chain::store::hashes_at(&mut tx, device.id, body.last_sequence).await?.into_iter().collect();
    let at_last = Some(&at_last).filter(|_| body.last_sequence > 0);
    let last = chain::store::last(&mut tx, device.id).await?;
    let forked = chain::store::forked(&mut tx, device.id).await?;
    let trouble = chain::rules::compare(&Here { last, forked, at: at_last }, body.last_sequence, &hash);
    match rules::report(missing, trouble.is_none()) {
        Report::Missing(ranges) => Err(records_missing(&ranges)),
        Report::RolledBack => {
            // One that names fewer records may only be late: a copy of a report that was sent before.
            if let Some(trouble) = trouble.filter(|_| chain::rules::differs(at_last, &hash)) {
                chain::service::mark(&mut tx, core, device.id, trouble, None).await?;
                tx.commit().await?;
            }
            Err(rolled_back())
        }
        Report::Accepted => {
            let ended = store::close(&mut tx, id, now, None).await?;
            let act = Act::on("report", "lease", id.0).with(json!({ "ended": ended, "records": body.last_sequence }));
            audit::append(&mut tx, &core.clock, Actor::Device(device.id), act).await?;
            tx.commit().await?;
            Ok(Ended { state: LeaseState::Closed, closed_at: Some(now), ended })
        }
    }
}

fn check(body: &ClosingReport) -> Result<Vec<u8>> {
    let mut fields = Validation::new();
    fields.check("last_sequence", (0..=SEQUENCE_MAX).contains(&body.last_sequence), || {
        Invalid::fixed("out_of_range", "Số thứ tự của lượt cuối chưa đúng.", "The last record's place is not right.")
    });
    let in_order = |sequence: &i64| (1..=SEQUENCE_MAX).contains(sequence);
    fields.check("rejected", body.rejected.len() <= REJECTED_MAX && body.rejected.iter().all(in_order), || {
        Invalid::fixed("out_of_range", "Nêu tối đa 1.000 lượt lỗi, theo số thứ tự.", "Name at most 1,000 places.")
    });
    let hash = fields.take("last_record_hash", chain::rules::parse_hash(&body.last_record_hash));
    fields.finish()?;
    Ok(hash.unwrap_or_default())
}

/// The refusal of a report, with each range of missing records as a field `first-last`.
fn records_missing(ranges: &[(i64, i64)]) -> Error {
    let field = |(first, last): &(i64, i64)| {
        let say =
            Message::new(format!("Thiếu lượt {first} đến {last}."), format!("Records {first} to {last} are missing."));
        FieldError::new(format!("{first}-{last}"), "missing", say)
    };
    Error::ConflictIn {
        code: "records_missing",
        say: Message::fixed(
            "Máy chủ chưa nhận đủ các lượt phát của máy này. Hãy gửi nốt rồi báo kết thúc lại.",
            "Not all records of this phone are here. Send the rest and report again.",
        ),
        fields: ranges.iter().map(field).collect(),
    }
}

/// Why a coordinator takes vouchers from a phone, and whether they know that it may still hand them out.
#[derive(Clone, Debug)]
pub struct Risk {
    /// The reason, for the record.
    pub reason: String,
    /// That the phone may still be handing out.
    pub still_in_use: bool,
}

/// A coordinator accepts the risk for all of a phone's leases at points that they reach; how many vouchers that were not
/// handed out in full are free from then on. The caller commits.
pub async fn release_of(tx: &mut Tx, core: &Core, staff: &Staff, device_id: DeviceId, risk: &Risk) -> Result<i64> {
    let now = core.clock.now();
    let all = store::lock_open_of_device(tx, device_id).await?;
    let (open, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|lease| staff.serves(lease.point_id));
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
        let ended = store::close(tx, lease.id, now, Some((risk.reason.clone(), staff.id))).await?;
        let in_use = lease.state(now) == LeaseState::Open;
        let act = Act::on("release", "lease", lease.id.0).with(json!({ "ended": ended, "in_use": in_use }));
        audit::append(tx, &core.clock, staff.actor(), act).await?;
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

/// A coordinator accepts the risk: the lease ends, though what its phone handed out is not known.
pub async fn release(core: &Core, staff: &Staff, id: LeaseId, reason: String, knows_in_use: bool) -> Result<Ended> {
    let now = core.clock.now();
    let mut tx = core.db.begin().await?;
    let lease = store::locked(&mut tx, id).await?.ok_or(Error::NotFound)?;
    staff.require_point(lease.point_id)?;
    match rules::may_release(lease.state(now), knows_in_use) {
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
    let ended = store::close(&mut tx, id, now, Some((reason, staff.id))).await?;
    let act =
        Act::on("release", "lease", id.0).with(json!({ "ended": ended, "in_use": lease.state(now).name() == "open" }));
    audit::append(&mut tx, &core.clock, staff.actor(), act).await?;
    tx.commit().await?;
    Ok(Ended { state: LeaseState::Released, closed_at: Some(now), ended })
}
