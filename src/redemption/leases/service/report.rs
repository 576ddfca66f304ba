//! Leases end by their phones: vouchers are given back, or the phone reports that it is done.

use serde_json::json;

use super::take::rolled_back;
use crate::db::Tx;
use crate::http::{Error, Result};
use crate::kernel::ids::LeaseId;
use crate::kernel::{Clock, FieldError, Message};
use crate::people::Device;
use crate::people::audit::{self, Act, Actor};
use crate::redemption::chain;
use crate::redemption::chain::rules::Here;
use crate::redemption::leases::lookup::lock_own;
use crate::redemption::leases::report::LastRecord;
use crate::redemption::leases::rules::{self, LeaseState, Report};
use crate::redemption::leases::store::{self, Named};
use crate::redemption::leases::view::{Ended, Returned};

/// Ranges of missing records that are told at most.
const RANGES_MAX: usize = 100;

/// What came of a report.
#[derive(Debug)]
pub(in crate::redemption) enum Reported {
    /// The lease has ended.
    Ended(Ended),
    /// The phone lost records: it is marked, and to be told so.
    RolledBack,
}

/// Ends a phone's hold on vouchers that it promises not to hand out under this lease.
pub(in crate::redemption) async fn give_back(
    tx: &mut Tx,
    clock: &Clock,
    device: &Device,
    id: LeaseId,
    vouchers: &[Named],
) -> Result<Returned> {
    let now = clock.now();
    let lease = lock_own(tx, device, id).await?;
    let returned = store::give_back(tx, id, vouchers, now).await?;
    Ok(Returned { state: lease.state(now), returned })
}

/// Takes a closing report: the lease ends when all the phone's records are here, and only then.
pub(in crate::redemption) async fn report(
    tx: &mut Tx,
    clock: &Clock,
    device: &Device,
    id: LeaseId,
    report: LastRecord,
) -> Result<Reported> {
    let LastRecord { sequence, hash, rejected } = report;
    let now = clock.now();
    let lease = lock_own(tx, device, id).await?;
    if !lease.state(now).holds() {
        let ended = Ended { state: lease.state(now), closed_at: lease.closed_at, ended: 0 };
        return Ok(Reported::Ended(ended));
    }
    let head = chain::store::lock(tx, device.id).await?;
    chain::store::insert_unreadable(tx, device.id, &rejected, now).await?;
    let head = chain::store::advance(tx, device.id, head).await?;
    let here = chain::store::sequences_after(tx, device.id, head).await?;
    let missing = chain::rules::missing(head, here, sequence, RANGES_MAX);
    let at_last = chain::store::hashes_at(tx, device.id, sequence).await?.into_iter().collect();
    let at_last = Some(&at_last).filter(|_| sequence > 0);
    let last = chain::store::last(tx, device.id).await?;
    let forked = chain::store::forked(tx, device.id).await?;
    let trouble = chain::rules::compare(&Here { last, forked, at: at_last }, sequence, &hash);
    match rules::report(missing, trouble.is_none()) {
        Report::Missing(ranges) => Err(records_missing(&ranges)),
        Report::RolledBack => {
            // One that names fewer records may only be late: a copy of a report that was sent before.
            let Some(trouble) = trouble.filter(|_| chain::rules::differs(at_last, &hash)) else {
                return Err(rolled_back());
            };
            chain::service::mark(tx, clock, device.id, trouble, None).await?;
            Ok(Reported::RolledBack)
        }
        Report::Accepted => {
            let ended = store::close(tx, id, now, None).await?;
            let act = Act::on("report", "lease", id.0).with(json!({ "ended": ended, "records": sequence }));
            audit::append(tx, clock, Actor::Device(device.id), act).await?;
            Ok(Reported::Ended(Ended { state: LeaseState::Closed, closed_at: Some(now), ended }))
        }
    }
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
