//! Scans, records and undoings, decided as the engine decides them.

use std::collections::BTreeMap;

use lalanh::redemption::chain::rules::Link;
use lalanh::redemption::rules::{self, First, Paper, VoucherFacts};
use lalanh::redemption::{Operator, Outcome, Presented, Scan, Source, chain};
use uuid::Uuid;

use super::{Conflict, POINT, Server, device, moment};
use crate::simulation::Broken;
use crate::simulation::network::{Answer, Item, Paper as Presents, Phone, Reply, Secs, Voucher};

/// One kept scan.
pub(super) struct Kept {
    outcome: Outcome,
    handover: bool,
    voucher: Voucher,
    phone: Phone,
    /// Asked before the handover, not told after it.
    online: bool,
    /// The last time.
    answered_at: Secs,
    reversed: bool,
    /// The phone that undid it; nothing: a coordinator.
    reversed_by: Option<Phone>,
}

impl Kept {
    const fn stands(&self) -> bool {
        self.handover && !self.reversed
    }

    const fn answer(&self, nonce: Uuid) -> Answer {
        let reversed = self.handover && self.reversed;
        Answer { nonce, outcome: self.outcome, voucher: self.voucher, reversed }
    }
}

/// A scan as a phone asks it, or tells it as a record.
fn asked(phone: Phone, nonce: Uuid, record: Option<&Item>, now: Secs) -> Scan {
    Scan {
        nonce,
        presented: Presented::Typed(String::new()),
        point_id: POINT,
        desk: String::new(),
        units: 1,
        scanned_at: moment(record.map_or(now, |item| item.scanned_at)),
        collector: None,
        source: if record.is_some() { Source::Offline } else { Source::Online },
        operator: Operator::Device { id: device(phone), revoked_at: None },
        serves_point: true,
        override_reason: None,
        sequence: record.map(|item| item.sequence),
        lease_epoch: record.and_then(|item| item.lease).map(|lease| lease as i64 + 1),
        body_hash: Vec::new(),
    }
}

impl Server {
    /// What is known of a voucher, seen with a paper in the hand.
    fn facts(&self, voucher: Voucher, issue: u8, now: Secs) -> VoucherFacts {
        let row = &self.vouchers[voucher];
        let paper = if issue < row.issue { Paper::Replaced { at: None } } else { Paper::Current };
        let leased_to = self.holder(voucher, now).map(|lease| rules::Lease {
            device_id: device(self.leases[lease].phone),
            epoch: lease as i64 + 1,
            desk: String::new(),
            device: String::new(),
            heard_at: None,
            revoked: false,
        });
        VoucherFacts { paper, key_withdrawn: row.withdrawn.contains(&issue), leased_to, ..row.facts.clone() }
    }

    /// Decides a scan, or takes a record as fact, as the engine does.
    pub(super) fn scan(
        &mut self,
        phone: Phone,
        nonce: Uuid,
        paper: Presents,
        record: Option<&Item>,
        now: Secs,
    ) -> Answer {
        let Presents { voucher, issue, .. } = paper;
        let scan = asked(phone, nonce, record, now);
        if record.is_none()
            && let Some(kept) = self.scans.get_mut(&nonce)
        {
            kept.answered_at = now;
        }
        let mut kept_under = nonce;
        let mut undone_before = false;
        if let Some(kept) = self.scans.get(&nonce) {
            undone_before = record.is_some_and(|item| self.was_undone_before(kept, phone, item));
            let refused = !kept.handover && !self.is(Broken::FactLostBehindRefusal);
            match scan.fact_nonce() {
                Some(fact) if refused || undone_before => {
                    if let Some(kept) = self.scans.get(&fact) {
                        return kept.answer(nonce);
                    }
                    kept_under = fact;
                    self.facts_of.insert(nonce, fact);
                }
                _ => return kept.answer(nonce),
            }
        }
        let facts = VoucherFacts { undone_before, ..self.facts(voucher, issue, now) };
        let decision = rules::decide(Some(&facts), self.level > 0, &scan, moment(now));
        if decision.outcome == Outcome::LeasedElsewhere && scan.source == Source::Online {
            self.recalled.insert(voucher);
        }
        if let Some(kind) = decision.conflict.filter(|_| !self.is(Broken::ConflictNotNoted)) {
            self.conflicts.push(Conflict { kind, voucher: Some(voucher), phone, chain: None });
        }
        if decision.handover {
            self.ledger.push(-1);
            self.level -= 1;
            let row = &mut self.vouchers[voucher].facts;
            row.used += 1;
            row.handovers += 1;
            row.first.get_or_insert(First {
                at: moment(now),
                point: String::new(),
                desk: String::new(),
                proxy: false,
                nonce: Some(kept_under),
                device_id: Some(device(phone)),
            });
        }
        let kept = Kept {
            outcome: decision.outcome,
            handover: decision.handover,
            voucher,
            phone,
            online: record.is_none(),
            answered_at: now,
            reversed: false,
            reversed_by: None,
        };
        let answered = kept.answer(nonce);
        self.scans.insert(kept_under, kept);
        answered
    }

    /// Whether a record tells of a handover that was answered online and undone since, neither by its phone nor after it
    /// had told of it.
    fn was_undone_before(&self, kept: &Kept, phone: Phone, item: &Item) -> bool {
        let undone = kept.handover && kept.online && kept.reversed && kept.reversed_by != Some(phone);
        undone && !self.knows(phone, item) && !self.is(Broken::UndoneFactBelieved)
    }

    /// What a nonce was answered: the handover that stands, if there is one.
    pub(super) fn stored(&self, nonce: Uuid) -> Option<Answer> {
        let under = [Some(nonce), self.facts_of.get(&nonce).copied()].into_iter().flatten();
        let kept = under.filter_map(|nonce| self.scans.get(&nonce)).max_by_key(|kept| (kept.stands(), kept.handover));
        kept.map(|kept| Answer {
            nonce,
            outcome: kept.outcome,
            voucher: kept.voucher,
            reversed: kept.handover && kept.reversed,
        })
    }

    pub(super) fn upload(&mut self, phone: Phone, items: Vec<Item>, now: Secs) -> Reply {
        let mut answers = Vec::new();
        for item in &items {
            answers.push(self.scan(phone, item.nonce, item.paper, Some(item), now));
        }
        let head = self.heads.get(&phone).copied().unwrap_or(0);
        let known = self.chains.entry(phone).or_default();
        let mut trouble = None;
        for item in items {
            let link = Link { sequence: item.sequence, nonce: item.nonce, hash: item.hash, previous: item.previous };
            if known.get(&link.sequence).is_none_or(|hashes| !hashes.contains(&link.hash)) {
                trouble = trouble.or_else(|| chain::rules::judge(head, known, &link));
                known.entry(link.sequence).or_default().insert(link.hash);
            }
        }
        let head = chain::rules::advanced(head, known.keys().copied().filter(|sequence| *sequence > head));
        self.heads.insert(phone, head);
        if let Some(trouble) = trouble {
            self.mark(phone, trouble);
        }
        Reply::Uploaded { answers }
    }

    /// Handovers that were answered online, last before a moment, and stand: what a coordinator may undo. An answer that is
    /// on its way can't be called back by anybody.
    pub fn answered_before(&self, at: Secs) -> BTreeMap<Uuid, Voucher> {
        let old = self.scans.iter().filter(|(_, kept)| kept.stands() && kept.online && kept.answered_at < at);
        old.map(|(nonce, kept)| (*nonce, kept.voucher)).collect()
    }

    /// Undoes a handover; a coordinator's undoing is no phone's.
    pub fn undo(&mut self, nonce: Uuid, by: Option<Phone>) {
        let fact = self.facts_of.get(&nonce).copied().filter(|fact| self.scans.get(fact).is_some_and(Kept::stands));
        let kept_under = fact.unwrap_or(nonce);
        let Some(kept) = self.scans.get_mut(&kept_under).filter(|kept| kept.stands()) else { return };
        kept.reversed = true;
        kept.reversed_by = by;
        let (voucher, phone) = (kept.voucher, kept.phone);
        self.ledger.push(1);
        self.level += 1;
        let facts = &mut self.vouchers[voucher].facts;
        facts.used -= 1;
        if facts.first.as_ref().is_some_and(|first| first.nonce == Some(kept_under)) {
            facts.first = None;
        }
        // The phone never hands it out again under this lease.
        for ((lease, row_voucher), held) in &mut self.rows {
            if *row_voucher == voucher && self.leases[*lease].phone == phone {
                *held = false;
            }
        }
    }

    /// A key is withdrawn, and what it signed gets new papers.
    pub fn withdraw_key(&mut self) {
        for row in &mut self.vouchers {
            if row.facts.used == 0 {
                row.withdrawn.insert(row.issue);
                row.issue += 1;
            }
        }
    }

    /// Whether the handover of a nonce is kept, be it under the nonce of its fact.
    pub fn keeps(&self, nonce: Uuid) -> bool {
        let handed_out = |nonce: &Uuid| self.scans.get(nonce).is_some_and(|kept| kept.handover);
        handed_out(&nonce) || self.facts_of.get(&nonce).is_some_and(handed_out)
    }

    /// How many handovers of each voucher are kept, undone ones left out.
    pub fn handovers(&self) -> Vec<usize> {
        let mut counts = vec![0; self.vouchers.len()];
        for kept in self.scans.values().filter(|kept| kept.stands()) {
            counts[kept.voucher] += 1;
        }
        counts
    }
}
