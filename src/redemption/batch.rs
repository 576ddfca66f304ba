//! One transaction's worth of scans: read and lock, decide one after the other in memory, write what follows.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::answer::{Answer, Detail, HouseholdView, PackageView, Place, VoucherView};
use super::conflicts;
use super::rules::{self, ConflictKind, Decision, First, Lease, Paper, RoundFacts, VoucherFacts};
use super::store::{self, Contents, Known, ScanRow, Wanted};
use super::{ConflictId, Outcome, Presented, Scan, Source};
use crate::db::{Bytes, Tx};
use crate::goods::stock::{Cause, Fit, Line, Reason, Shelf};
use crate::kernel::{Day, FieldError, Moment, Quantity, Say};
use crate::people::{DeviceId, PointId};
use crate::web::{Core, Error};

/// The result for one scan: an answer, or why it could not be decided.
pub type Decided = Result<Answer, Refusal>;

/// Why a scan could not be decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The nonce came with another body before.
    NonceMismatch,
    /// There is no such point.
    NoSuchPoint,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NonceMismatch => Self::conflict(
                "nonce_mismatch",
                "Mã lượt quét (nonce) này đã dùng cho một lượt quét khác. Hãy quét lại với mã mới.",
                "This nonce was used for another scan. Scan again with a new one.",
            ),
            Refusal::NoSuchPoint => Self::Invalid(vec![FieldError::new(
                "point_id",
                "unknown",
                Say::fixed("Không có điểm phát này.", "There is no such point."),
            )]),
        }
    }
}

/// A voucher's facts, kept current while the batch goes on.
struct Current {
    known: Known,
    facts: VoucherFacts,
}

/// What a batch writes.
#[derive(Default)]
struct Writes {
    scans: Vec<ScanRow>,
    conflicts: Vec<conflicts::NewConflict>,
}

/// The state of a batch.
struct Batch<'a> {
    core: &'a Core,
    now: Moment,
    shelf: Shelf,
    contents: Contents,
    vouchers: HashMap<Uuid, Current>,
    /// Vouchers whose handover the paper list of a point told in this batch.
    on_paper_lists: HashSet<(Uuid, PointId)>,
    /// Answers given within this batch, by nonce.
    answered: HashMap<Uuid, (Vec<u8>, Answer)>,
    writes: Writes,
}

/// Decides a batch inside one transaction. The caller commits, and only then answers.
pub async fn decide(core: &Core, tx: &mut Tx, scans: &[Scan]) -> Result<Vec<Decided>, sqlx::Error> {
    let wanted = wanted(scans);
    let now = core.clock.now();
    let (shelf, contents) = store::lock(tx, now.day(), &wanted).await?;
    let known = store::load(tx, &wanted).await?;
    let mut batch = Batch {
        core,
        now,
        shelf,
        contents,
        vouchers: HashMap::new(),
        on_paper_lists: HashSet::new(),
        answered: HashMap::new(),
        writes: Writes::default(),
    };
    let mut decided = Vec::with_capacity(scans.len());
    for (scan, known) in scans.iter().zip(known) {
        decided.push(batch.one(tx, scan, known).await?);
    }
    batch.write(tx).await?;
    Ok(decided)
}

fn wanted(scans: &[Scan]) -> Vec<Wanted> {
    scans
        .iter()
        .zip(0..)
        .map(|(scan, i)| {
            let mut wanted = Wanted {
                i,
                nonce: scan.nonce,
                fact_nonce: scan.fact_nonce(),
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

impl Batch<'_> {
    /// Decides one scan.
    async fn one(&mut self, tx: &mut Tx, scan: &Scan, known: Known) -> Result<Decided, sqlx::Error> {
        if known.scan_point_name.is_none() {
            return Ok(Err(Refusal::NoSuchPoint));
        }
        if let Some((hash, answer)) = self.answered.get(&scan.nonce) {
            if *hash != scan.body_hash {
                return Ok(Err(Refusal::NonceMismatch));
            }
            return Ok(Ok(Answer { replayed: true, ..answer.clone() }));
        }
        let mut stored_under = scan.nonce;
        if let Some(hash) = &known.stored_hash {
            if *hash != scan.body_hash {
                return Ok(Err(Refusal::NonceMismatch));
            }
            match (scan.source.is_fact(), known.stored_handover, &known.fact_outcome, scan.fact_nonce()) {
                // Refused when it was asked, handed out all the same: the fact gets a row of its own.
                (true, None, None, Some(nonce)) => stored_under = nonce,
                _ => return Ok(Ok(self.stored(scan, &known))),
            }
        }
        let voucher_id = known.voucher_id;
        let mut current = voucher_id.map(|id| self.current(id, known.clone(), scan));
        let decision = self.judge(current.as_ref(), scan);
        let answer = self.carry_out(tx, scan, stored_under, current.as_mut(), &known, &decision).await?;
        if let (Some(id), Some(current)) = (voucher_id, current) {
            if decision.handover && scan.source == Source::Roster {
                self.on_paper_lists.insert((id, scan.point_id));
            }
            self.vouchers.insert(id, current);
        }
        self.answered.insert(scan.nonce, (scan.body_hash.clone(), answer.clone()));
        Ok(Ok(answer))
    }

    /// The voucher as this batch has left it so far, seen from this scan.
    fn current(&mut self, id: Uuid, known: Known, scan: &Scan) -> Current {
        let fresh = facts(&known, scan);
        match self.vouchers.remove(&id) {
            None => Current { facts: fresh, known },
            // Used, first and leased may have moved within the batch; the paper and the point are this scan's own.
            Some(earlier) => {
                let facts = VoucherFacts {
                    used: earlier.facts.used,
                    handovers: earlier.facts.handovers,
                    first: earlier.facts.first,
                    leased_to: earlier.facts.leased_to,
                    ..fresh
                };
                Current { facts, known }
            }
        }
    }

    fn judge(&self, current: Option<&Current>, scan: &Scan) -> Decision {
        let facts = current.map(|current| {
            let mut facts = current.facts.clone();
            facts.next_on = self.next_on(current);
            facts.on_paper_list |=
                current.known.voucher_id.is_some_and(|id| self.on_paper_lists.contains(&(id, scan.point_id)));
            facts
        });
        let in_stock = current.is_none_or(|current| self.in_stock(scan, current));
        rules::decide(facts.as_ref(), in_stock, scan, self.now)
    }

    /// The campaign's interval, other vouchers of the household in this very batch included.
    fn next_on(&self, current: &Current) -> Option<Day> {
        let days = i32::try_from(current.known.interval_days?).ok()?;
        let in_batch = self.vouchers.values().filter(|other| {
            other.known.household_id == current.known.household_id
                && other.known.campaign_id == current.known.campaign_id
                && other.known.voucher_id != current.known.voucher_id
                && other.facts.used > 0
        });
        let last = in_batch.map(|_| self.now).chain(current.known.last_received_at).max()?;
        Some(last.day().plus_days(days))
    }

    /// Notes what a decision brings with it, and makes the answer.
    async fn carry_out(
        &mut self,
        tx: &mut Tx,
        scan: &Scan,
        nonce: Uuid,
        current: Option<&mut Current>,
        known: &Known,
        decision: &Decision,
    ) -> Result<Answer, sqlx::Error> {
        let mut detail = match current.as_deref() {
            Some(current) => self.explain(tx, current, scan, decision).await?,
            None => Detail::default(),
        };
        detail.clock_skew_secs = rules::skew_secs(scan, self.now);
        let flags = flags(scan, current.as_deref().map(|current| &current.facts), decision, &detail);
        let mut handover = None;
        if decision.handover
            && let Some(current) = current
        {
            handover = Some(current.facts.handovers + 1);
            let short = self.move_stock(scan, nonce, current);
            self.note_conflict(scan, nonce, current, decision, short, &mut detail);
            self.advance(scan, nonce, current, &mut detail);
        }
        self.writes.scans.push(scan_row(scan, nonce, known, decision, handover, &detail, &flags, self.now));
        Ok(self.answer(scan, decision.outcome, detail, flags, self.now, false, known))
    }

    /// What the volunteer needs to know of a refusal.
    async fn explain(
        &self,
        tx: &mut Tx,
        current: &Current,
        scan: &Scan,
        decision: &Decision,
    ) -> Result<Detail, sqlx::Error> {
        let (facts, known) = (&current.facts, &current.known);
        let mut detail = Detail { against: decision.against.clone(), ..Detail::default() };
        match decision.outcome {
            Outcome::AlreadyRedeemed => detail.first = facts.first.clone(),
            Outcome::Void => detail.reason = facts.void_reason.clone(),
            Outcome::Superseded => detail.replaced_at = known.replaced_at,
            Outcome::Expired | Outcome::NotYetValid => detail.valid = Some(facts.valid),
            Outcome::WrongSlot => detail.slot = facts.slot,
            Outcome::WrongPoint => {
                detail.go_to = known
                    .point_name
                    .clone()
                    .map(|name| Place { name, address: known.point_address.clone().unwrap_or_default() });
            }
            Outcome::RoundClosed => detail.reason = known.round_status.clone(),
            Outcome::OutOfStock => {
                if let (Some(round_id), Some(package_id)) = (known.round_id, known.package_id) {
                    let found = store::point_with_stock(tx, round_id, package_id, self.now.day()).await?;
                    detail.go_to = found.map(|(name, address)| Place { name, address });
                }
            }
            Outcome::LeasedElsewhere => detail.held_at = facts.leased_to.as_ref().map(|lease| lease.desk.clone()),
            Outcome::TooSoon => detail.next_on = self.next_on(current),
            Outcome::NeedsInput => {
                detail.fields = rules::missing_input(facts, scan).into_iter().map(str::to_owned).collect();
            }
            _ => {}
        }
        Ok(detail)
    }

    /// What so many packages hold.
    fn lines(&self, scan: &Scan, current: &Current) -> Vec<Line> {
        let contents = current.known.package_id.and_then(|id| self.contents.get(&id)).map_or(&[][..], Vec::as_slice);
        contents
            .iter()
            .map(|line| Line { item_id: line.item_id, quantity: Quantity(line.quantity.saturating_mul(scan.units)) })
            .collect()
    }

    fn in_stock(&self, scan: &Scan, current: &Current) -> bool {
        let fits = |line: &Line| self.shelf.available(scan.point_id, line.item_id, Fit::Unexpired) >= line.quantity;
        self.lines(scan, current).iter().all(fits)
    }

    /// Takes the packages from the shelf, what is not there from the overdraft; whether the stock was short.
    fn move_stock(&mut self, scan: &Scan, nonce: Uuid, current: &Current) -> bool {
        let cause = Cause { reason: Reason::Redemption, source_id: nonce, at: self.now };
        let mut short = false;
        for line in self.lines(scan, current) {
            short |= self.shelf.take_as_fact(scan.point_id, line, cause) > Quantity(0);
        }
        short
    }

    fn note_conflict(
        &mut self,
        scan: &Scan,
        nonce: Uuid,
        current: &Current,
        decision: &Decision,
        short: bool,
        detail: &mut Detail,
    ) {
        let kind = match decision.conflict {
            Some(kind) => kind,
            None if short => ConflictKind::StockShort,
            None => return,
        };
        let id = ConflictId::new(&self.core.clock);
        let first = current.facts.first.as_ref().and_then(|first| first.nonce);
        let (winner, other) = match (kind, first) {
            (ConflictKind::HandedOutTwice, Some(first)) if rules::newcomer_wins(&current.facts, scan) => {
                (Some(nonce), Some(first))
            }
            (ConflictKind::HandedOutTwice, Some(first)) => (Some(first), Some(nonce)),
            _ => (None, Some(nonce)),
        };
        detail.conflict_id = Some(id);
        self.writes.conflicts.push(conflicts::NewConflict {
            id,
            kind: kind.name(),
            voucher_id: current.known.voucher_id,
            winner_nonce: winner,
            other_nonce: other,
            device_id: scan.operator.device_id(),
            against: decision.against.clone(),
            chain: None,
            at: self.now,
        });
    }

    /// The voucher after this handover.
    fn advance(&mut self, scan: &Scan, nonce: Uuid, current: &mut Current, detail: &mut Detail) {
        let facts = &mut current.facts;
        facts.used += scan.units;
        facts.handovers += 1;
        detail.units_left = Some((facts.units - facts.used).max(0));
        if facts.first.is_none() {
            facts.first = Some(First {
                at: self.now,
                point: current.known.scan_point_name.clone().unwrap_or_default(),
                desk: scan.desk.clone(),
                proxy: scan.collector.is_some(),
                nonce: Some(nonce),
                device_id: scan.operator.device_id(),
            });
        }
    }

    /// The answer that was given the first time.
    fn stored(&self, scan: &Scan, known: &Known) -> Answer {
        let fact = known.fact_outcome.is_some();
        let pick = |of_fact: &Option<String>, of_scan: &Option<String>| {
            if fact { of_fact.clone() } else { of_scan.clone() }.unwrap_or_default()
        };
        let outcome = pick(&known.fact_outcome, &known.stored_outcome);
        let outcome = serde_json::from_value(serde_json::Value::String(outcome)).unwrap_or(Outcome::Unknown);
        let detail = serde_json::from_str(&pick(&known.fact_detail, &known.stored_detail)).unwrap_or_default();
        let flags = serde_json::from_str(&pick(&known.fact_flags, &known.stored_flags)).unwrap_or_default();
        let received_at = if fact { known.fact_received_at } else { known.stored_received_at };
        self.answer(scan, outcome, detail, flags, received_at.unwrap_or(self.now), true, known)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of an answer, named where it is built")]
    fn answer(
        &self,
        scan: &Scan,
        outcome: Outcome,
        detail: Detail,
        flags: Vec<String>,
        received_at: Moment,
        replayed: bool,
        known: &Known,
    ) -> Answer {
        let voucher = known.voucher_id.map(|id| VoucherView {
            id,
            serial: known.serial.unwrap_or_default(),
            round: known.round_name.clone().unwrap_or_default(),
            units: known.units.unwrap_or_default(),
        });
        let household = known.household_id.map(|id| HouseholdView {
            id,
            head_name: known.head_name.clone().unwrap_or_default(),
            members: known.members.unwrap_or_default(),
        });
        let package = known.package_id.map(|id| {
            let lines = self.contents.get(&id).map_or(&[][..], Vec::as_slice);
            PackageView::new(known.package_name.clone().unwrap_or_default(), lines)
        });
        Answer { nonce: scan.nonce, outcome, replayed, detail, flags, received_at, voucher, household, package }
    }

    /// Writes all of it: one statement when nothing unusual happened.
    async fn write(self, tx: &mut Tx) -> Result<(), sqlx::Error> {
        let goods = self.shelf.settle(tx, &self.core.clock).await?;
        let mut together = tx.together();
        store::insert_scans(&mut together, &self.writes.scans)?;
        goods.write(&mut together)?;
        together.execute().await?;
        for conflict in &self.writes.conflicts {
            conflicts::insert(tx, conflict).await?;
        }
        Ok(())
    }
}

/// What the register knows, as the rules want it.
fn facts(known: &Known, scan: &Scan) -> VoucherFacts {
    let paper = match &scan.presented {
        Presented::Signed { issue_number, .. } => match issue_number.cmp(&known.current_issue.unwrap_or_default()) {
            std::cmp::Ordering::Equal => Paper::Current,
            std::cmp::Ordering::Less => Paper::Replaced { at: known.replaced_at },
            std::cmp::Ordering::Greater => Paper::NeverIssued,
        },
        _ if known.typed_is_replaced => Paper::Replaced { at: known.replaced_at },
        _ => Paper::Current,
    };
    let void_reason = if known.voucher_status.as_deref() == Some("void") {
        Some(known.void_reason.clone().unwrap_or_default())
    } else if known.household_status.as_deref() != Some("active") {
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
            open: known.round_status.as_deref() == Some("open"),
            enforce_slots: known.enforce_slots.unwrap_or(false),
            any_point: known.any_point.unwrap_or(false),
            has_point: known.has_point,
            collector_required: known.collector_required.unwrap_or(false),
            amber: known.round_offline.as_deref() == Some("amber"),
        },
        next_on: None,
        leased_to: known.lease_device_id.map(|device_id| Lease {
            device_id: DeviceId(device_id),
            epoch: known.lease_epoch.unwrap_or_default(),
            desk: known.lease_desk.clone().unwrap_or_default(),
        }),
    }
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

fn flags(scan: &Scan, facts: Option<&VoucherFacts>, decision: &Decision, detail: &Detail) -> Vec<String> {
    let mut flags: Vec<String> = Vec::new();
    if decision.handover {
        flags.extend(decision.against.iter().map(|against| against.name().to_owned()));
        flags.extend(facts.and_then(|facts| rules::without_lease(facts, scan)).map(str::to_owned));
    }
    if matches!(scan.operator, super::Operator::Device { revoked_at: Some(_), .. }) {
        flags.push("device_revoked".to_owned());
    }
    if !scan.serves_point {
        flags.push(Outcome::NotAllowed.name().to_owned());
    }
    if detail.clock_skew_secs.is_some() {
        flags.push("clock_skew".to_owned());
    }
    flags
}

#[expect(clippy::too_many_arguments, reason = "the parts of one row, named where it is built")]
fn scan_row(
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
        source: scan.source.name(),
        outcome: decision.outcome.name(),
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
        scanned_at: scan.scanned_at.micros(),
        received_at: now.micros(),
    }
}
