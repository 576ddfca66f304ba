//! The decision: a pure function of what is known about a voucher, its round, its point's stock and the scan.
//!
//! No I/O, no clock, no chance. Online redemption, the offline upload and the paper roster all go through it.

use serde::{Deserialize, Serialize};

use super::Presented;
use super::outcome::Outcome;
use super::scan::{Operator, Scan, Source};
use crate::kernel::ids::{DeviceId, PointId};
use crate::kernel::text_enum::text_enum;
use crate::kernel::{Day, Moment};

/// Minutes within which the phone that handed out may undo it; later only a coordinator.
pub const UNDO_MINUTES: i64 = 15;
/// Seconds that a phone's clock may be off before it is told.
pub const SKEW_SECS: i64 = 300;

/// A round, as far as its vouchers' validity is concerned.
#[derive(Clone, Debug)]
pub struct RoundFacts {
    /// `open`, `paused` or `closed`.
    pub open: bool,
    /// Refuse outside the slot.
    pub enforce_slots: bool,
    /// Whether any point of the round serves any of its vouchers.
    pub any_point: bool,
    /// Whether the scanning point belongs to the round.
    pub has_point: bool,
    /// Whether the name of who collects must be noted.
    pub collector_required: bool,
    /// Whether a phone without a network may hand out what is not leased to it, with a mark.
    pub amber: bool,
}

/// The paper that was presented, against the one that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// The current one.
    Current,
    /// Replaced by a reissue.
    Replaced { at: Option<Moment> },
    /// Of an issue that was never made.
    NeverIssued,
}

/// Everything about the presented voucher that the decision rests on, read with its row locked.
#[derive(Clone, Debug)]
pub struct VoucherFacts {
    pub paper: Paper,
    /// Whether the key that signed the paper was withdrawn.
    pub key_withdrawn: bool,
    /// Why it is void, when it is (or its household is no longer in the register).
    pub void_reason: Option<String>,
    /// Units it is good for.
    pub units: i64,
    /// Units handed out and not reversed.
    pub used: i64,
    /// Handovers ever, reversed ones too.
    pub handovers: i64,
    /// The first handover that stands.
    pub first: Option<First>,
    /// Whether a line of the scanning point's paper list is among the handovers that stand.
    pub on_paper_list: bool,
    /// The point it belongs to; nothing: any of the round.
    pub point_id: Option<PointId>,
    /// First and last day, inclusive.
    pub valid: (Day, Day),
    pub slot: Option<(Moment, Moment)>,
    pub round: RoundFacts,
    /// The day from which the household may receive again, by the campaign's interval.
    pub next_on: Option<Day>,
    /// The phone that alone may hand it out.
    pub leased_to: Option<Lease>,
    /// Whether the presented scan was answered `redeemed` before and that handover was undone since, by somebody who
    /// could not know that its phone hands out on it.
    pub undone_before: bool,
}

/// An open lease on a voucher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The phone.
    pub device_id: DeviceId,
    /// Its number; grows with every lease.
    pub epoch: i64,
    /// Where the phone works, for people.
    pub desk: String,
    /// The phone's name.
    pub device: String,
    /// When the phone was last heard in any way.
    pub heard_at: Option<Moment>,
    /// Whether the phone was revoked: it gives nothing back by itself.
    pub revoked: bool,
}

/// A handover that already took place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = FirstHandover)]
pub struct First {
    /// When.
    pub at: Moment,
    /// The point's name.
    pub point: String,
    /// The desk.
    pub desk: String,
    /// Whether somebody collected for the household.
    pub proxy: bool,
    /// Its nonce.
    #[serde(skip)]
    pub nonce: Option<uuid::Uuid>,
    /// The phone that recorded it.
    #[serde(skip)]
    pub device_id: Option<DeviceId>,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The answer.
    pub outcome: Outcome,
    /// Whether goods leave (or have left) with this scan.
    pub handover: bool,
    /// The rules that a fact or an override went against, by the outcome each would have had.
    pub against: Vec<Outcome>,
    /// What a coordinator must settle.
    pub conflict: Option<ConflictKind>,
}

text_enum! {
    /// Why a coordinator must look.
    pub enum ConflictKind {
        /// Two handovers of one voucher.
        HandedOutTwice = "handed_out_twice",
        /// A handover against a rule: void, superseded, expired, another point, …
        HandedOutAgainstRule = "handed_out_against_rule",
        /// More units handed out at once than the voucher had left.
        UnitsExceeded = "units_exceeded",
        /// The handover was undone here before its phone told of it.
        HandedOutAfterUndo = "handed_out_after_undo",
        /// More handed out than there was.
        StockShort = "stock_short",
        /// Told by a revoked phone that may not have done it; no goods are booked before a coordinator accepts.
        Quarantined = "quarantined",
        /// A phone's records don't follow one another: its storage was rolled back, or a record was lost.
        ChainBroken = "chain_broken",
    }
}

impl Decision {
    const fn refuse(outcome: Outcome) -> Self {
        Self { outcome, handover: false, against: Vec::new(), conflict: None }
    }
}

/// Decides one scan. `voucher` is what the register knows of the presented code; `in_stock` whether the point has
/// what the package holds, for so many units.
pub fn decide(voucher: Option<&VoucherFacts>, in_stock: bool, scan: &Scan, now: Moment) -> Decision {
    if !scan.serves_point && !scan.source.is_fact() {
        return Decision::refuse(Outcome::NotAllowed);
    }
    let voucher = match (&scan.presented, voucher) {
        (Presented::Forged, _) => return Decision::refuse(Outcome::BadSignature),
        (Presented::Foreign, _) | (_, None) => return Decision::refuse(Outcome::Unknown),
        (_, Some(voucher)) if voucher.paper == Paper::NeverIssued => return Decision::refuse(Outcome::Unknown),
        (_, Some(voucher)) => voucher,
    };
    let moment = moment_of_handover(scan, now);
    let refusals = refusals(voucher, in_stock, scan, moment);
    if scan.source.is_fact() {
        return settle_fact(voucher, scan, refusals);
    }
    match (refusals.first().copied(), &scan.override_reason) {
        (None, _) => Decision { outcome: Outcome::Redeemed, handover: true, against: refusals, conflict: None },
        (Some(_), Some(_)) if refusals.iter().all(|refusal| refusal.may_be_overridden()) => {
            Decision { outcome: Outcome::Redeemed, handover: true, against: refusals, conflict: None }
        }
        (Some(first), Some(_)) => {
            let hard = refusals.iter().copied().find(|refusal| !refusal.may_be_overridden());
            Decision::refuse(hard.unwrap_or(first))
        }
        (Some(first), None) => Decision::refuse(first),
    }
}

/// The moment by which dates and slots are judged: the server's clock, but for a fact the phone's, unless that lies
/// in the future.
fn moment_of_handover(scan: &Scan, now: Moment) -> Moment {
    if scan.source.is_fact() { scan.scanned_at.min(now) } else { now }
}

/// Every rule that stands against handing over, the one to tell first in front.
fn refusals(voucher: &VoucherFacts, in_stock: bool, scan: &Scan, at: Moment) -> Vec<Outcome> {
    let day = at.day();
    let remaining = voucher.units - voucher.used;
    let wrong_point = match voucher.point_id {
        Some(point_id) if !voucher.round.any_point => point_id != scan.point_id,
        _ => !voucher.round.has_point,
    };
    let lease_holder = |lease: &Lease| scan.operator.device_id() == Some(lease.device_id);
    let outside_slot =
        voucher.round.enforce_slots && voucher.slot.is_some_and(|(from, until)| at < from || at >= until);
    [
        (voucher.key_withdrawn, Outcome::RevokedKey),
        (matches!(voucher.paper, Paper::Replaced { .. }), Outcome::Superseded),
        (voucher.void_reason.is_some(), Outcome::Void),
        (remaining <= 0, Outcome::AlreadyRedeemed),
        (!voucher.round.open, Outcome::RoundClosed),
        (day < voucher.valid.0, Outcome::NotYetValid),
        (day > voucher.valid.1, Outcome::Expired),
        (wrong_point, Outcome::WrongPoint),
        (outside_slot, Outcome::WrongSlot),
        (voucher.next_on.is_some_and(|next_on| day < next_on), Outcome::TooSoon),
        (voucher.leased_to.as_ref().is_some_and(|lease| !lease_holder(lease)), Outcome::LeasedElsewhere),
        (!missing_input(voucher, scan).is_empty(), Outcome::NeedsInput),
        (!in_stock, Outcome::OutOfStock),
    ]
    .into_iter()
    .filter_map(|(stands, outcome)| stands.then_some(outcome))
    .collect()
}

/// The fields that must be asked before this scan can be decided.
pub fn missing_input(voucher: &VoucherFacts, scan: &Scan) -> Vec<&'static str> {
    let mut fields = Vec::new();
    // A coordinator who overrides `already_redeemed` hands out the voucher once more, not without end.
    let most = if voucher.used < voucher.units { voucher.units - voucher.used } else { voucher.units };
    if scan.units > most {
        fields.push("units");
    }
    if voucher.round.collector_required && scan.collector.is_none() {
        fields.push("collector");
    }
    fields
}

/// A record of what was handed out is taken as it is; what it went against is told.
fn settle_fact(voucher: &VoucherFacts, scan: &Scan, refusals: Vec<Outcome>) -> Decision {
    let mut against: Vec<Outcome> =
        refusals.into_iter().filter(|refusal| !matches!(refusal, Outcome::NeedsInput | Outcome::WrongSlot)).collect();
    if !scan.serves_point {
        against.push(Outcome::NotAllowed);
    }
    if against.contains(&Outcome::AlreadyRedeemed) {
        // A point's paper list has one line for a voucher: keyed in again, whenever it says it was signed, it is the
        // same handover. A scan is not: who was scanned may have signed at a desk that could not know.
        if scan.source == Source::Roster && voucher.on_paper_list {
            return Decision::refuse(Outcome::AlreadyRedeemed);
        }
        return Decision {
            outcome: Outcome::AlreadyRedeemed,
            handover: true,
            against,
            conflict: Some(ConflictKind::HandedOutTwice),
        };
    }
    let conflict = if voucher.undone_before {
        Some(ConflictKind::HandedOutAfterUndo)
    } else if against.iter().any(|refusal| *refusal != Outcome::OutOfStock) {
        Some(ConflictKind::HandedOutAgainstRule)
    } else if exceeds(voucher, scan) {
        Some(ConflictKind::UnitsExceeded)
    } else if against.is_empty() {
        None
    } else {
        Some(ConflictKind::StockShort)
    };
    Decision { outcome: Outcome::Redeemed, handover: true, against, conflict }
}

/// Whether a scan takes more units than the voucher has left.
pub const fn exceeds(voucher: &VoucherFacts, scan: &Scan) -> bool {
    voucher.used + scan.units > voucher.units
}

/// Whether, of two handovers of one voucher, the later received one counts: only when its phone held the lease and
/// the first one is not its own.
pub fn newcomer_wins(voucher: &VoucherFacts, scan: &Scan) -> bool {
    voucher.leased_to.as_ref().is_some_and(|lease| {
        scan.operator.device_id() == Some(lease.device_id)
            && scan.lease_epoch.is_none_or(|epoch| epoch == lease.epoch)
            && voucher.first.as_ref().and_then(|first| first.device_id) != Some(lease.device_id)
    })
}

/// How a record of an offline handover stands to the leases, when its phone does not hold the voucher: the name of the
/// flag. A round may allow it; else it is against the rule that carries everything.
pub fn without_lease(voucher: &VoucherFacts, scan: &Scan) -> Option<&'static str> {
    let holder = voucher.leased_to.as_ref().map(|lease| lease.device_id);
    if scan.source != Source::Offline || (holder.is_some() && scan.operator.device_id() == holder) {
        None
    } else if voucher.round.amber {
        Some("amber")
    } else {
        // Of one that another phone holds, `leased_elsewhere` tells more.
        holder.is_none().then_some("not_leased")
    }
}

/// How far the phone's clock is off, in seconds, when that is worth telling. An upload's clock can only be judged
/// when it runs ahead: how long the record waited is not known.
pub fn skew_secs(scan: &Scan, received_at: Moment) -> Option<i64> {
    let ahead = scan.scanned_at.secs_since(received_at);
    let tells = if scan.source.is_fact() { ahead > SKEW_SECS } else { ahead.abs() > SKEW_SECS };
    tells.then_some(ahead)
}

/// Whether someone may undo a handover now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undo {
    /// They may.
    Allowed,
    /// It was another phone's or login's handover.
    NotTheirs,
    /// The minutes are over; a coordinator may.
    TooLate,
}

/// Decides an undo: within [`UNDO_MINUTES`] whoever handed out, later a coordinator; by the server's clock.
pub fn may_undo(by: Operator, may_override: bool, handed_out_by: Operator, received_at: Moment, now: Moment) -> Undo {
    if may_override {
        return Undo::Allowed;
    }
    let same = by.device_id() == handed_out_by.device_id() && by.user_id() == handed_out_by.user_id();
    if !same {
        Undo::NotTheirs
    } else if now.secs_since(received_at) > UNDO_MINUTES * 60 {
        Undo::TooLate
    } else {
        Undo::Allowed
    }
}

#[cfg(test)]
mod tests;
