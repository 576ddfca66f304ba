//! The server's half: the program's own rules over tables in memory.

mod scans;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lalanh::kernel::ids::{DeviceId, PointId};
use lalanh::kernel::{Day, Moment};
use lalanh::redemption::chain;
use lalanh::redemption::chain::rules::{Here, Known, Trouble};
use lalanh::redemption::leases::rules as lease_rules;
use lalanh::redemption::leases::rules::{LeaseState, Release, Report, Standing};
use lalanh::redemption::rules::{ConflictKind, Paper, RoundFacts, VoucherFacts};
use uuid::Uuid;

use super::Broken;
use super::network::{Item, Lease, Phone, Reply, Request, Secs, Voucher, Why};
use scans::Kept;

/// When the simulation's seconds begin.
pub const MORNING: Moment = Moment::from_micros(1_628_121_600_000_000);
/// Where everything happens.
pub const POINT: PointId = PointId(Uuid::from_u128(1));
/// Seconds that a phone may use a lease after it took or refreshed it.
pub const USE_SECS: Secs = 600;
/// Records whose place is missing that a report is told of.
const RANGES: usize = 100;

pub fn moment(at: Secs) -> Moment {
    MORNING.plus_secs(at)
}

pub fn device(phone: Phone) -> DeviceId {
    DeviceId(Uuid::from_u128(100 + phone as u128))
}

/// One voucher.
pub struct VoucherRow {
    facts: VoucherFacts,
    /// The paper that counts.
    pub issue: u8,
    /// Issues that a withdrawn key signed.
    withdrawn: BTreeSet<u8>,
}

/// One lease.
pub struct LeaseRow {
    pub phone: Phone,
    pub use_until: Secs,
    pub closed_at: Option<Secs>,
    pub released: bool,
    /// Whether it was released while its phone might still use it.
    pub released_in_use: bool,
}

/// A conflict.
#[derive(Debug)]
pub struct Conflict {
    pub kind: ConflictKind,
    pub voucher: Option<Voucher>,
    pub phone: Phone,
    pub chain: Option<Trouble>,
}

pub struct Server {
    broken: Option<Broken>,
    pub vouchers: Vec<VoucherRow>,
    pub leases: Vec<LeaseRow>,
    /// Every voucher that was ever of a lease; whether it still is.
    rows: BTreeMap<(Lease, Voucher), bool>,
    recalled: BTreeSet<Voucher>,
    scans: HashMap<Uuid, Kept>,
    /// Where a fact is kept whose nonce holds a refusal.
    facts_of: HashMap<Uuid, Uuid>,
    heads: BTreeMap<Phone, i64>,
    chains: BTreeMap<Phone, Known>,
    pub conflicts: Vec<Conflict>,
    pub ledger: Vec<i64>,
    pub level: i64,
    asked: HashMap<Uuid, Reply>,
    revoked: BTreeSet<Phone>,
}

impl Server {
    pub fn new(vouchers: usize, amber: bool, stock: i64, broken: Option<Broken>) -> Self {
        let day = MORNING.day();
        let row = || VoucherRow {
            facts: VoucherFacts {
                paper: Paper::Current,
                key_withdrawn: false,
                void_reason: None,
                units: 1,
                used: 0,
                handovers: 0,
                first: None,
                on_paper_list: false,
                point_id: Some(POINT),
                valid: (day, Day::plus_days(day, 1)),
                slot: None,
                round: RoundFacts {
                    open: true,
                    enforce_slots: false,
                    any_point: false,
                    has_point: true,
                    collector_required: false,
                    amber,
                },
                next_on: None,
                leased_to: None,
                undone_before: false,
            },
            issue: 1,
            withdrawn: BTreeSet::new(),
        };
        Self {
            broken,
            vouchers: (0..vouchers).map(|_| row()).collect(),
            leases: Vec::new(),
            rows: BTreeMap::new(),
            recalled: BTreeSet::new(),
            scans: HashMap::new(),
            facts_of: HashMap::new(),
            heads: BTreeMap::new(),
            chains: BTreeMap::new(),
            conflicts: Vec::new(),
            ledger: vec![stock],
            level: stock,
            asked: HashMap::new(),
            revoked: BTreeSet::new(),
        }
    }

    fn is(&self, broken: Broken) -> bool {
        self.broken == Some(broken)
    }

    pub fn state(&self, lease: Lease, now: Secs) -> LeaseState {
        let row = &self.leases[lease];
        lease_rules::state(row.closed_at.map(moment), row.released, moment(row.use_until), moment(now))
    }

    /// Who alone may hand a voucher out.
    pub fn holder(&self, voucher: Voucher, now: Secs) -> Option<Lease> {
        let held = |lease: &Lease| {
            self.rows.get(&(*lease, voucher)) == Some(&true)
                && !(self.is(Broken::LeaseEndsByTime) && self.state(*lease, now) == LeaseState::InDoubt)
        };
        (0..self.leases.len()).rev().find(held)
    }

    pub fn answer(&mut self, phone: Phone, request: Request, now: Secs) -> Reply {
        if self.revoked.contains(&phone) && !request.is_of_the_revoked() {
            return Reply::Revoked;
        }
        match request {
            Request::Ask { key, sequence, hash } => self.ask(phone, key, sequence, &hash, now),
            Request::Manifest { lease } => self.manifest(lease, now),
            Request::Scan { nonce, paper } => Reply::Scanned(self.scan(phone, nonce, paper, None, now)),
            Request::Stored { nonce } => Reply::Stored { nonce, answer: self.stored(nonce) },
            Request::Upload { items } => self.upload(phone, items, now),
            Request::Recalls { lease } => {
                let asked = |voucher: &Voucher| self.rows.get(&(lease, *voucher)) == Some(&true);
                let vouchers = self.recalled.iter().copied().filter(asked).collect();
                Reply::Recalls { lease, state: self.state(lease, now), vouchers }
            }
            Request::Return { lease, vouchers } => {
                for voucher in &vouchers {
                    if let Some(held) = self.rows.get_mut(&(lease, *voucher)) {
                        *held = false;
                    }
                    self.recalled.remove(voucher);
                }
                Reply::Returned { lease, vouchers }
            }
            Request::Report { lease, sequence, hash } => self.report(phone, lease, sequence, &hash, now),
            Request::Undo { nonce } => {
                self.undo(nonce, Some(phone));
                Reply::Undone { nonce }
            }
        }
    }

    fn ask(&mut self, phone: Phone, key: Uuid, sequence: i64, hash: &[u8], now: Secs) -> Reply {
        if let Some(reply) = self.asked.get(&key) {
            return reply.clone();
        }
        if self.compare(phone, sequence, hash, true) {
            return Reply::RolledBack;
        }
        let open =
            (0..self.leases.len()).find(|l| self.leases[*l].phone == phone && self.leases[*l].closed_at.is_none());
        let use_until = now + USE_SECS;
        let lease = open.unwrap_or(self.leases.len());
        match open {
            Some(lease) => self.leases[lease].use_until = use_until,
            None => self.leases.push(LeaseRow {
                phone,
                use_until,
                closed_at: None,
                released: false,
                released_in_use: false,
            }),
        }
        for voucher in 0..self.vouchers.len() {
            let facts = &self.vouchers[voucher].facts;
            let held = self.holder(voucher, now);
            let standing = Standing {
                outstanding: facts.used < facts.units,
                held: held.is_some_and(|by| by == lease || !self.is(Broken::HeldByOthersJoins)),
                given_back: self.rows.get(&(lease, voucher)) == Some(&false),
            };
            // A desk's share keeps some vouchers for the others, and for no desk what amber is for.
            let anybodys = facts.round.amber && voucher.is_multiple_of(4);
            if lease_rules::joins(standing) && !anybodys && !(voucher + phone).is_multiple_of(4) {
                self.rows.insert((lease, voucher), true);
            }
        }
        let reply = Reply::Leased { key, lease, use_secs: USE_SECS };
        self.asked.insert(key, reply.clone());
        reply
    }

    fn manifest(&self, lease: Lease, now: Secs) -> Reply {
        if !self.state(lease, now).holds() {
            return Reply::LeaseEnded { lease };
        }
        let rows = self.rows.range((lease, 0)..(lease + 1, 0)).filter(|(_, held)| **held).map(|((_, v), _)| *v);
        let rows = rows.filter(|v| self.vouchers[*v].facts.used < self.vouchers[*v].facts.units);
        let rows = rows.map(|v| (v, self.vouchers[v].issue)).collect();
        let why = |v: Voucher| {
            let facts = &self.vouchers[v].facts;
            let held = self.holder(v, now).is_some_and(|by| by != lease);
            (facts.used >= facts.units).then_some(Why::HandedOut).or(held.then_some(Why::Held))
        };
        let known = (0..self.vouchers.len()).filter_map(|v| why(v).map(|why| (v, why))).collect();
        Reply::Manifest { lease, rows, known }
    }

    fn mark(&mut self, phone: Phone, trouble: Trouble) {
        if self.is(Broken::ChainNotJudged) {
            return;
        }
        let kind = ConflictKind::ChainBroken;
        self.conflicts.push(Conflict { kind, voucher: None, phone, chain: Some(trouble) });
    }

    /// Whether the phone was rolled back, by what it says of its last record; marks it then. A report that names fewer
    /// records may only be late.
    fn compare(&mut self, phone: Phone, sequence: i64, hash: &[u8], is_ask: bool) -> bool {
        let none = Known::new();
        let known = self.chains.get(&phone).unwrap_or(&none);
        let readable = |hashes: &BTreeSet<Vec<u8>>| hashes.iter().filter(|hash| !hash.is_empty()).count();
        let forked = known.iter().find(|(_, hashes)| readable(hashes) > 1).map(|(place, _)| *place);
        let here = Here { last: self.last_known(phone), forked, at: known.get(&sequence) };
        let trouble = chain::rules::compare(&here, sequence, hash);
        let trouble = trouble.filter(|_| !self.is(Broken::ChainNotJudged));
        let marks = is_ask || chain::rules::differs(known.get(&sequence), hash);
        if let Some(trouble) = trouble.filter(|_| marks) {
            self.mark(phone, trouble);
        }
        trouble.is_some()
    }

    fn report(&mut self, phone: Phone, lease: Lease, sequence: i64, hash: &[u8], now: Secs) -> Reply {
        if !self.state(lease, now).holds() {
            return Reply::Ended { lease };
        }
        let head = self.heads.get(&phone).copied().unwrap_or(0);
        let here = self.chains.get(&phone).map(|known| known.keys().copied().collect::<Vec<_>>()).unwrap_or_default();
        let mut missing = chain::rules::missing(head, here, sequence, RANGES);
        if self.is(Broken::ReportWithMissingRecords) {
            missing.clear();
        }
        let fits = !missing.is_empty() || !self.compare(phone, sequence, hash, false);
        match lease_rules::report(missing, fits) {
            Report::Missing(_) => Reply::Missing { lease },
            Report::RolledBack => Reply::RolledBack,
            Report::Accepted => {
                self.close(lease, now);
                Reply::Ended { lease }
            }
        }
    }

    fn close(&mut self, lease: Lease, now: Secs) {
        self.leases[lease].closed_at = Some(now);
        for (_, held) in self.rows.range_mut((lease, 0)..(lease + 1, 0)) {
            *held = false;
        }
    }

    /// A coordinator accepts the risk; whether they could.
    pub fn release(&mut self, lease: Lease, knows_in_use: bool, now: Secs) -> bool {
        let state = self.state(lease, now);
        if lease_rules::may_release(state, knows_in_use) != Release::Allowed {
            return false;
        }
        self.leases[lease].released = true;
        self.leases[lease].released_in_use = state == LeaseState::Open;
        self.close(lease, now);
        true
    }

    /// A coordinator revokes a phone, and may release what it holds in the same act, accepting the risk.
    pub fn revoke(&mut self, phone: Phone, releases: bool, now: Secs) {
        self.revoked.insert(phone);
        for lease in 0..self.leases.len() {
            let open = self.leases[lease].phone == phone && self.state(lease, now).holds();
            if open && releases {
                self.release(lease, true, now);
            } else if open && self.is(Broken::RevokingReleases) {
                self.close(lease, now);
            }
        }
    }

    pub fn is_revoked(&self, phone: Phone) -> bool {
        self.revoked.contains(&phone)
    }

    /// Whether an ask was answered before.
    pub fn answered(&self, key: Uuid) -> bool {
        self.asked.contains_key(&key)
    }

    /// Whether a record is here.
    pub fn knows(&self, phone: Phone, item: &Item) -> bool {
        let hashes = self.chains.get(&phone).and_then(|known| known.get(&item.sequence));
        hashes.is_some_and(|hashes| hashes.contains(&item.hash))
    }

    /// The highest place at which a record of a phone is here.
    pub fn last_known(&self, phone: Phone) -> i64 {
        self.chains.get(&phone).and_then(|known| known.last_key_value()).map_or(0, |(sequence, _)| *sequence)
    }
}
