//! One transaction's worth of scans: read and lock, decide one after the other in memory, write what follows.

mod rows;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use uuid::Uuid;

use crate::db::Tx;
use crate::http::{Core, Error};
use crate::inventory::lines::Line;
use crate::inventory::{Freshness, LockedStock, PostingCause, Reason};
use crate::kernel::ids::{ConflictId, PointId};
use crate::kernel::{Day, FieldError, Message, Moment, Quantity};
use crate::redemption::answer::{Answer, Detail, HouseholdView, PackageView, Place, VoucherView};
use crate::redemption::conflicts;
use crate::redemption::conflicts::ConflictDetail;
use crate::redemption::outcome::Outcome;
use crate::redemption::rules::{self, ConflictKind, Decision, First, VoucherFacts};
use crate::redemption::scan::{Scan, Source};
use crate::redemption::store::{self, Contents, Known, ScanRow, StoredAnswer};

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
                Message::fixed("Không có điểm phát này.", "There is no such point."),
            )]),
        }
    }
}

/// A voucher's facts, kept current while the batch goes on.
struct Current {
    known: Arc<Known>,
    facts: VoucherFacts,
}

/// What a scan is whose nonce was answered before.
enum Again {
    /// The same scan: it gets the same answer.
    Same,
    /// The same handover, which that answer knew nothing of: it gets what its record was told.
    Told(StoredAnswer),
    /// A handover that the answer knew nothing of, to be kept under this nonce.
    Fact(Uuid),
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
    shelf: LockedStock,
    contents: Contents,
    vouchers: HashMap<Uuid, Current>,
    /// Vouchers whose handover the paper list of a point told in this batch.
    on_paper_lists: HashSet<(Uuid, PointId)>,
    /// Scans answered within this batch, by nonce: their places in it.
    answered: HashMap<Uuid, usize>,
    writes: Writes,
}

/// Decides a batch inside one transaction. The caller commits, and only then answers.
pub async fn decide(core: &Core, tx: &mut Tx, scans: &[Scan]) -> Result<Vec<Decided>, sqlx::Error> {
    let wanted = rows::wanted(scans);
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
    for (place, (scan, known)) in scans.iter().zip(known).enumerate() {
        decided.push(match batch.answered.get(&scan.nonce) {
            Some(first) if scans[*first].body_hash == scan.body_hash => again(&decided[*first]),
            Some(_) => Err(Refusal::NonceMismatch),
            None => batch.one(tx, scan, (place, known)).await?,
        });
    }
    batch.write(tx).await?;
    Ok(decided)
}

/// The answer to a scan that came twice in one batch.
fn again(first: &Decided) -> Decided {
    first.clone().map(|answer| Answer { replayed: true, ..answer })
}

impl Batch<'_> {
    /// Decides one scan.
    async fn one(&mut self, tx: &mut Tx, scan: &Scan, (place, known): (usize, Known)) -> Result<Decided, sqlx::Error> {
        if known.scan_point_name.is_none() {
            return Ok(Err(Refusal::NoSuchPoint));
        }
        let known = Arc::new(known);
        let mut stored_under = scan.nonce;
        if let Some(hash) = &known.stored_hash {
            // A record of a handover that was undone may differ from what was asked: it took place, whatever it says.
            let overtaken = known.stored_reversed_at.is_some() && known.stored_voucher_id == known.voucher_id;
            if *hash != scan.body_hash && !overtaken {
                return Ok(Err(Refusal::NonceMismatch));
            }
            match self.told_again(tx, scan, &known).await? {
                Again::Same if *hash != scan.body_hash => return Ok(Err(Refusal::NonceMismatch)),
                Again::Same => return Ok(Ok(self.stored(scan, known.stored_answer(), &known))),
                Again::Told(answer) => return Ok(Ok(self.stored(scan, Some(answer), &known))),
                Again::Fact(nonce) => stored_under = nonce,
            }
        }
        let voucher_id = known.voucher_id;
        let mut current = voucher_id.map(|id| self.current(id, Arc::clone(&known), scan));
        let decision = self.judge(current.as_ref(), scan);
        let answer = self.carry_out(tx, scan, stored_under, current.as_mut(), &known, &decision).await?;
        if let (Some(id), Some(current)) = (voucher_id, current) {
            if decision.handover && scan.source == Source::Roster {
                self.on_paper_lists.insert((id, scan.point_id));
            }
            self.vouchers.insert(id, current);
        }
        self.answered.insert(scan.nonce, place);
        Ok(Ok(answer))
    }

    /// What a scan is whose nonce was answered before. Refused when it was asked, or undone before its phone told of it,
    /// and handed out all the same: the fact gets a row of its own.
    async fn told_again(&self, tx: &mut Tx, scan: &Scan, known: &Known) -> Result<Again, sqlx::Error> {
        let overtaken = known.stored_handover.is_none() || known.stored_reversed_at.is_some();
        let Some(fact) = scan.fact_nonce().filter(|_| overtaken) else {
            return Ok(Again::Same);
        };
        Ok(match store::answer_to(tx, fact).await? {
            Some(answer) => Again::Told(answer),
            None if known.stored_handover.is_none() || rows::undone_before(known, scan) => Again::Fact(fact),
            None => Again::Same,
        })
    }

    /// The voucher as this batch has left it so far, seen from this scan.
    fn current(&mut self, id: Uuid, known: Arc<Known>, scan: &Scan) -> Current {
        let fresh = rows::facts(&known, scan);
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
        let flags = rows::flags(scan, current.as_deref().map(|current| &current.facts), decision, &detail);
        let mut handover = None;
        if decision.handover
            && let Some(current) = current
        {
            handover = Some(current.facts.handovers + 1);
            let short = self.move_stock(scan, nonce, current);
            self.note_conflict(scan, nonce, current, decision, short, &mut detail);
            self.advance(scan, nonce, current, &mut detail);
        }
        self.writes.scans.push(rows::scan_row(scan, nonce, known, decision, handover, &detail, &flags, self.now));
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
                if let Some(point_id) = known.point_id {
                    let found = store::point(tx, point_id).await?;
                    detail.go_to = found.map(|(name, address)| Place { name, address });
                }
            }
            Outcome::RoundClosed => detail.reason = known.round_status.map(|status| status.to_string()),
            Outcome::OutOfStock => {
                if let (Some(round_id), Some(package_id)) = (known.round_id, known.package_id) {
                    let found = store::point_with_stock(tx, round_id, package_id, self.now.day()).await?;
                    detail.go_to = found.map(|(name, address)| Place { name, address });
                }
            }
            Outcome::LeasedElsewhere => {
                if let Some(lease) = &facts.leased_to {
                    detail.held_at = Some(lease.desk.clone());
                    detail.held_by = Some(lease.device.clone());
                    detail.held_heard_at = lease.heard_at;
                    detail.held_revoked = lease.revoked;
                }
            }
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
        let contents =
            current.known.package_id.and_then(|id| self.contents.get(&id)).map_or(&[][..], |package| &package.lines);
        contents
            .iter()
            .map(|line| Line { item_id: line.item_id, quantity: Quantity(line.quantity.saturating_mul(scan.units)) })
            .collect()
    }

    fn in_stock(&self, scan: &Scan, current: &Current) -> bool {
        let fits =
            |line: &Line| self.shelf.available(scan.point_id, line.item_id, Freshness::Unexpired) >= line.quantity;
        self.lines(scan, current).iter().all(fits)
    }

    /// Takes the packages from the shelf, what is not there from the overdraft; whether the stock was short.
    fn move_stock(&mut self, scan: &Scan, nonce: Uuid, current: &Current) -> bool {
        let cause = PostingCause { reason: Reason::Redemption, source_id: nonce, at: self.now };
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
            kind,
            voucher_id: current.known.voucher_id,
            winner_nonce: winner,
            other_nonce: other,
            device_id: scan.operator.device_id(),
            detail: ConflictDetail::Against(decision.against.clone()),
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
    fn stored(&self, scan: &Scan, stored: Option<StoredAnswer>, known: &Known) -> Answer {
        let (outcome, detail, flags, received_at, reversed_at) = match stored {
            Some(StoredAnswer { outcome, detail, flags, received_at, reversed_at }) => {
                (outcome, *detail.0, flags.0, received_at, reversed_at)
            }
            None => (Outcome::Unknown, Detail::default(), Vec::new(), self.now, None),
        };
        Answer { reversed_at, ..self.answer(scan, outcome, detail, flags, received_at, true, known) }
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
            let Some(package) = self.contents.get(&id) else { return PackageView::new(String::new(), &[]) };
            PackageView::new(package.name.clone(), &package.lines)
        });
        Answer {
            nonce: scan.nonce,
            outcome,
            replayed,
            detail,
            flags,
            received_at,
            reversed_at: None,
            voucher,
            household,
            package,
        }
    }

    /// Writes all of it: one statement when nothing unusual happened.
    async fn write(self, tx: &mut Tx) -> Result<(), sqlx::Error> {
        let goods = self.shelf.settle(tx, &self.core.clock).await?;
        let mut batch = tx.batch();
        store::insert_scans(&mut batch, &self.writes.scans)?;
        goods.write(&mut batch)?;
        batch.execute().await?;
        conflicts::store::insert_all(tx, &self.writes.conflicts).await
    }
}
