//! Between the database's rows and the rules' words.

use uuid::Uuid;

use crate::db::Bytes;
use crate::households::HouseholdStatus;
use crate::kernel::Moment;
use crate::kernel::ids::DeviceId;
use crate::redemption::Presented;
use crate::redemption::answer::Detail;
use crate::redemption::outcome::Outcome;
use crate::redemption::rules::{self, ConflictKind, Decision, First, Lease, Paper, RoundFacts, VoucherFacts};
use crate::redemption::scan::{Operator, Scan, Source};
use crate::redemption::store::{Known, ScanKey, ScanRow};
use crate::vouchers::round::{Offline, RoundStatus};
use crate::vouchers::voucher::VoucherStatus;

/// What to look up for each scan of a batch.
pub(super) fn wanted(scans: &[Scan]) -> Vec<ScanKey> {
    scans
        .iter()
        .zip(0..)
        .map(|(scan, i)| {
            let mut wanted = ScanKey {
                i,
                nonce: scan.nonce,
                device_id: scan.operator.device_id().map(|id| id.0),
                sequence: scan.sequence,
                point_id: scan.point_id,
                kid: None,
                round_number: None,
                serial: None,
                issue_number: None,
                typed_code: None,
            };
            match &scan.presented {
                Presented::Signed { kid, round_number, serial, issue_number } => {
                    wanted.kid = Some(*kid);
                    wanted.round_number = Some(*round_number);
                    wanted.serial = Some(*serial);
                    wanted.issue_number = Some(*issue_number);
                }
                Presented::Typed(code) => wanted.typed_code = Some(code.clone()),
                Presented::Forged | Presented::Foreign => {}
            }
            wanted
        })
        .collect()
}

/// What the register knows, as the rules want it.
pub(super) fn facts(known: &Known, scan: &Scan) -> VoucherFacts {
    let paper = match &scan.presented {
        Presented::Signed { issue_number, .. } => match issue_number.cmp(&known.current_issue.unwrap_or_default()) {
            std::cmp::Ordering::Equal => Paper::Current,
            std::cmp::Ordering::Less => Paper::Replaced { at: known.replaced_at },
            std::cmp::Ordering::Greater => Paper::NeverIssued,
        },
        _ if known.typed_is_replaced => Paper::Replaced { at: known.replaced_at },
        _ => Paper::Current,
    };
    let void_reason = if known.voucher_status == Some(VoucherStatus::Void) {
        Some(known.void_reason.clone().unwrap_or_default())
    } else if known.household_status != Some(HouseholdStatus::Active) {
        Some("Hộ này không còn trong danh sách.".to_owned())
    } else {
        None
    };
    let today = scan.scanned_at.day();
    VoucherFacts {
        paper,
        key_withdrawn: known.key_withdrawn_at.is_some(),
        void_reason,
        units: known.units.unwrap_or(1),
        used: known.used.unwrap_or(0),
        handovers: known.handovers.unwrap_or(0),
        first: first(known),
        on_paper_list: known.on_paper_list,
        point_id: known.point_id,
        valid: (known.valid_from.unwrap_or(today), known.valid_until.unwrap_or(today)),
        slot: known.slot_at.zip(known.slot_ends_at),
        round: RoundFacts {
            open: known.round_status == Some(RoundStatus::Open),
            enforce_slots: known.enforce_slots.unwrap_or(false),
            any_point: known.any_point.unwrap_or(false),
            has_point: known.has_point,
            collector_required: known.collector_required.unwrap_or(false),
            amber: known.round_offline == Some(Offline::Amber),
        },
        next_on: None,
        leased_to: known.lease_device_id.map(|device_id| Lease {
            device_id: DeviceId(device_id),
            epoch: known.lease_epoch.unwrap_or_default(),
            desk: known.lease_desk.clone().unwrap_or_default(),
            device: known.lease_device.clone().unwrap_or_default(),
            heard_at: known.lease_heard_at.max(known.lease_seen_at),
            revoked: known.lease_revoked_at.is_some(),
        }),
        undone_before: undone_before(known, scan),
    }
}

/// Whether a fact tells of a handover that was answered online and undone since, neither by this phone itself nor after
/// it had told of it: its phone never heard the answer, or not the undoing, and handed out.
pub(super) fn undone_before(known: &Known, scan: &Scan) -> bool {
    let answered_online = known.stored_source == Some(Source::Online);
    scan.source.is_fact()
        && known.stored_handover.is_some()
        && answered_online
        && known.stored_reversed_at.is_some()
        && (known.stored_reversed_by.is_none() || known.stored_reversed_by != scan.operator.device_id().map(|id| id.0))
        && !known.told_before
}

fn first(known: &Known) -> Option<First> {
    Some(First {
        at: known.first_at?,
        point: known.first_point.clone().unwrap_or_default(),
        desk: known.first_desk.clone().unwrap_or_default(),
        proxy: known.first_proxy,
        nonce: known.first_nonce,
        device_id: known.first_device_id.map(DeviceId),
    })
}

/// The marks that an answer carries and the history shows.
pub(super) fn flags(scan: &Scan, facts: Option<&VoucherFacts>, decision: &Decision, detail: &Detail) -> Vec<String> {
    let mut flags: Vec<String> = Vec::new();
    if decision.handover {
        flags.extend(decision.against.iter().map(|against| against.name().to_owned()));
        if let Some(facts) = facts {
            flags.extend(rules::without_lease(facts, scan).map(str::to_owned));
            let exceeded = scan.source.is_fact() && rules::exceeds(facts, scan);
            flags.extend(exceeded.then(|| ConflictKind::UnitsExceeded.name().to_owned()));
        }
    }
    if matches!(scan.operator, Operator::Device { revoked_at: Some(_), .. }) {
        flags.push("device_revoked".to_owned());
    }
    if !scan.serves_point && !decision.against.contains(&Outcome::NotAllowed) {
        flags.push(Outcome::NotAllowed.name().to_owned());
    }
    if detail.clock_skew_secs.is_some() {
        flags.push("clock_skew".to_owned());
    }
    flags
}

/// The row that keeps a scan.
#[expect(clippy::too_many_arguments, reason = "the parts of one row, named where it is built")]
pub(super) fn scan_row(
    scan: &Scan,
    nonce: Uuid,
    known: &Known,
    decision: &Decision,
    handover: Option<i64>,
    detail: &Detail,
    flags: &[String],
    now: Moment,
) -> ScanRow {
    let to_json = |value: serde_json::Result<String>| value.expect("plain structs are JSON");
    // What proves nothing is not tied to a voucher.
    let proved = decision.outcome != Outcome::Unknown && decision.outcome != Outcome::BadSignature;
    ScanRow {
        nonce,
        body_hash: Bytes(scan.body_hash.clone()),
        source: scan.source,
        outcome: decision.outcome,
        detail: to_json(serde_json::to_string(detail)),
        flags: to_json(serde_json::to_string(flags)),
        voucher_id: known.voucher_id.filter(|_| proved),
        handover,
        units: if handover.is_some() { scan.units } else { 0 },
        round_id: known.round_id.filter(|_| proved),
        package_id: known.package_id.filter(|_| proved).map(|id| id.0),
        point_id: scan.point_id,
        desk: scan.desk.clone(),
        user_id: scan.operator.user_id().map(|id| id.0),
        device_id: scan.operator.device_id().map(|id| id.0),
        collector_name: scan.collector.as_ref().map(|collector| collector.name.clone()),
        collector_relation: scan.collector.as_ref().map(|collector| collector.relation.clone()),
        override_reason: scan.override_reason.clone(),
        sequence: scan.sequence,
        lease_epoch: scan.lease_epoch,
        happened_at: if scan.source.is_fact() { scan.scanned_at } else { now }.micros(),
        scanned_at: scan.scanned_at.micros(),
        received_at: now.micros(),
    }
}
