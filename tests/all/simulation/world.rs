//! Households, volunteers, coordinators, the network and time; and the eye that sees everything.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use uuid::Uuid;

use lalanh::redemption::leases::LeaseState;
use lalanh::redemption::rules::ConflictKind;

use super::Broken;
use super::network::{Item, Lease, Parcel, Phone as Place, Reply, Request, Secs, Voucher};
use super::phone::{Effect, Phone, Store};
use super::server::Server;

/// Seconds of duty.
const DUTY: Secs = 1500;
/// Seconds after duty in which all is told, over a good network.
const SETTLING: Secs = 2000;

/// A small generator (SplitMix64): the same runs on every machine.
struct Chance(u64);

impl Chance {
    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    const fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    const fn secs(&mut self, from: Secs, to: Secs) -> Secs {
        from + self.below((to - from) as u64) as Secs
    }

    const fn percent(&mut self, p: u64) -> bool {
        self.below(100) < p
    }

    fn id(&mut self) -> Uuid {
        Uuid::from_u128((u128::from(self.next()) << 64) | u128::from(self.next()))
    }
}

/// What kind of day it is.
#[derive(Debug)]
pub struct Settings {
    phones: usize,
    vouchers: usize,
    amber: bool,
    scarce: bool,
    rollback: bool,
    death: bool,
    key_withdrawn: bool,
    risky: bool,
    loss_percent: u64,
}

impl Settings {
    pub fn of(seed: u64) -> Self {
        let mut chance = Chance(seed ^ 0x5e77_1465);
        Self {
            phones: 2 + chance.below(3) as usize,
            vouchers: 5 + chance.below(8) as usize,
            amber: chance.percent(15),
            scarce: chance.percent(10),
            rollback: chance.percent(50),
            death: chance.percent(25),
            key_withdrawn: chance.percent(20),
            risky: chance.percent(15),
            loss_percent: [2, 10, 30][chance.below(3) as usize],
        }
    }
}

#[derive(Debug)]
enum Event {
    Tick(Place),
    Arrive { phone: Place, voucher: Voucher, tries: u8 },
    Deliver(Parcel),
    Restart(Place),
    Snapshot(Place),
    RollBack(Place),
    Die(Place),
    OffDuty(Place, bool),
    WriteLater(Place, u32, Item),
    Undo(Place, Uuid, Voucher),
    Coordinator,
    WithdrawKey,
    Settle,
}

/// An event and its moment; the heap gives the earliest, and of equals the one that was put in first.
struct Timed(Secs, u64, Event);

impl PartialEq for Timed {
    fn eq(&self, other: &Self) -> bool {
        (self.0, self.1) == (other.0, other.1)
    }
}
impl Eq for Timed {}
impl PartialOrd for Timed {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Timed {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (other.0, other.1).cmp(&(self.0, self.1))
    }
}

/// A package that changed hands.
#[derive(Debug)]
struct Handed {
    phone: Place,
    voucher: Voucher,
    nonce: Uuid,
    lease: Option<Lease>,
    at: Secs,
    undone: bool,
}

/// What went wrong.
#[derive(Debug)]
#[expect(dead_code, reason = "what a failing run prints")]
pub enum Wrong {
    HandedOutTwice { voucher: Voucher, times: usize },
    RecordLost { phone: Place, voucher: Voucher },
    BooksDifferFromHands { voucher: Voucher, kept: usize, handed_out: usize },
    LedgerIsNotLevel,
    ConflictNotVisible { voucher: Voucher },
    RollbackNotNoticed { phone: Place },
    PhoneAccused { phone: Place },
}

impl Wrong {
    /// Its name.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::HandedOutTwice { .. } => "a voucher handed out twice at nobody's risk",
            Self::RecordLost { .. } => "a lost record",
            Self::BooksDifferFromHands { .. } => "books that differ from what left",
            Self::LedgerIsNotLevel => "a ledger that is not its level",
            Self::ConflictNotVisible { .. } => "a double handover that nobody sees",
            Self::RollbackNotNoticed { .. } => "a rolled back storage that nobody notices",
            Self::PhoneAccused { .. } => "a sound phone that is marked",
        }
    }
}

/// What the runs went through.
#[derive(Debug, Default)]
pub struct Told(BTreeMap<&'static str, u64>);

impl Told {
    fn one(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }

    pub fn add(&mut self, other: &Self) {
        for (what, times) in &other.0 {
            *self.0.entry(what).or_default() += times;
        }
    }

    pub fn all(&self) -> Vec<(&'static str, u64)> {
        const EXPECTED: [&str; 15] = [
            "handed out offline",
            "handed out online",
            "handed out amber",
            "given back on recall",
            "reports accepted",
            "reports refused",
            "leases released",
            "restarts",
            "rolled back",
            "rollbacks marked",
            "phones lost",
            "undone",
            "keys withdrawn",
            "doubles at somebody's risk",
            "messages lost",
        ];
        EXPECTED.iter().map(|what| (*what, self.0.get(what).copied().unwrap_or(0))).collect()
    }
}

pub struct World {
    chance: Chance,
    settings: Settings,
    now: Secs,
    count: u64,
    events: BinaryHeap<Timed>,
    server: Server,
    phones: Vec<Phone>,
    snapshots: BTreeMap<Place, Store>,
    /// Rolled back phones, and whether what they say after that must tell.
    rolled_back: BTreeMap<Place, Option<i64>>,
    told_itself: BTreeSet<Place>,
    cuts: Vec<(Place, Secs, Secs)>,
    handed: Vec<Handed>,
    settling: bool,
    told: Told,
}

impl World {
    pub fn new(seed: u64, settings: Settings, broken: Option<Broken>) -> Self {
        let mut chance = Chance(seed);
        let stock =
            settings.vouchers as i64 * if settings.scarce { 1 } else { 3 } / if settings.scarce { 2 } else { 1 };
        let phones = (0..settings.phones)
            .map(|place| Phone::new(place, settings.amber, chance.secs(-4000, 4000), broken))
            .collect();
        let server = Server::new(settings.vouchers, settings.amber, stock, broken);
        Self {
            chance,
            settings,
            now: 0,
            count: 0,
            events: BinaryHeap::new(),
            server,
            phones,
            snapshots: BTreeMap::new(),
            rolled_back: BTreeMap::new(),
            told_itself: BTreeSet::new(),
            cuts: Vec::new(),
            handed: Vec::new(),
            settling: false,
            told: Told::default(),
        }
    }

    fn put(&mut self, at: Secs, event: Event) {
        self.count += 1;
        self.events.push(Timed(at, self.count, event));
    }

    /// Writes the day's script.
    fn plan(&mut self) {
        for phone in 0..self.settings.phones {
            self.put(phone as Secs, Event::Tick(phone));
            for _ in 0..1 + self.chance.below(3) {
                let from = self.chance.secs(0, DUTY);
                let until = from + self.chance.secs(60, 900);
                self.cuts.push((phone, from, until));
            }
            for _ in 0..self.chance.below(4) {
                let at = self.chance.secs(0, DUTY);
                self.put(at, Event::Restart(phone));
            }
            let off = self.chance.secs(DUTY / 3, DUTY);
            self.put(off, Event::OffDuty(phone, true));
            if self.chance.percent(50) {
                let on = off + self.chance.secs(30, 400);
                self.put(on, Event::OffDuty(phone, false));
            }
        }
        for voucher in 0..self.settings.vouchers {
            for _ in 0..2 + self.chance.below(3) {
                let phone = self.chance.below(self.settings.phones as u64) as Place;
                let at = self.chance.secs(20, DUTY);
                self.put(at, Event::Arrive { phone, voucher, tries: 3 });
            }
        }
        if self.settings.rollback {
            let phone = self.chance.below(self.settings.phones as u64) as Place;
            let at = self.chance.secs(50, DUTY / 2);
            self.put(at, Event::Snapshot(phone));
            let back = at + self.chance.secs(50, DUTY / 2);
            self.put(back, Event::RollBack(phone));
        }
        if self.settings.death {
            let phone = self.chance.below(self.settings.phones as u64) as Place;
            let at = self.chance.secs(100, DUTY);
            self.put(at, Event::Die(phone));
        }
        if self.settings.key_withdrawn {
            let at = self.chance.secs(100, DUTY);
            self.put(at, Event::WithdrawKey);
        }
        self.put(60, Event::Coordinator);
        self.put(DUTY, Event::Settle);
    }

    pub fn run(mut self) -> Result<Told, Wrong> {
        self.plan();
        while let Some(Timed(at, _, event)) = self.events.pop() {
            self.now = at;
            if at > DUTY + SETTLING {
                break;
            }
            self.happen(event);
        }
        self.judge()?;
        Ok(self.told)
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Tick(phone) => self.tick(phone),
            // The day is over: nobody comes any more.
            Event::Arrive { .. } | Event::Undo(..) if self.settling => {}
            Event::Arrive { phone, voucher, tries } => self.arrive(phone, voucher, tries),
            Event::Deliver(Parcel::Up { from, boot, sent_at, request }) => self.serve(from, boot, sent_at, request),
            Event::Deliver(Parcel::Down { to, boot, sent_at, reply }) => {
                if self.phones[to].boot == boot && !self.phones[to].dead {
                    let effects = self.phones[to].hear(reply, sent_at);
                    self.carry_out(to, effects);
                }
            }
            Event::Restart(phone) => {
                self.told.one("restarts");
                self.phones[phone].restart();
            }
            Event::Snapshot(phone) => drop(self.snapshots.insert(phone, self.phones[phone].store.clone())),
            Event::RollBack(phone) => self.roll_back(phone),
            Event::Die(phone) => {
                self.told.one("phones lost");
                self.phones[phone].dead = true;
            }
            Event::OffDuty(phone, off) => self.phones[phone].off_duty = off || self.settling,
            Event::WriteLater(phone, boot, item) => {
                if self.phones[phone].boot == boot && !self.phones[phone].dead {
                    self.phones[phone].write_late(item);
                }
            }
            Event::Undo(phone, nonce, voucher) => {
                if self.server.keeps(nonce) {
                    let effects = self.phones[phone].undo(nonce, voucher);
                    self.carry_out(phone, effects);
                }
            }
            Event::Coordinator => self.coordinate(),
            Event::WithdrawKey => {
                self.told.one("keys withdrawn");
                self.server.withdraw_key();
            }
            Event::Settle => {
                self.settling = true;
                self.phones.iter_mut().for_each(|phone| phone.off_duty = true);
            }
        }
    }

    fn tick(&mut self, phone: Place) {
        let id = self.chance.id();
        let effects = self.phones[phone].tick(id, self.now);
        self.carry_out(phone, effects);
        // At the end, who has told everything has nothing to do any more.
        let done = self.settling && self.phones[phone].is_done();
        if !done {
            let pause = self.chance.secs(1, 5);
            self.put(self.now + pause, Event::Tick(phone));
        }
    }

    fn arrive(&mut self, phone: Place, voucher: Voucher, tries: u8) {
        let issue = self.server.vouchers[voucher].issue;
        let issue = if issue > 1 && self.chance.percent(30) { issue - 1 } else { issue };
        let online = !self.is_cut(phone) || self.chance.percent(15);
        let nonce = self.chance.id();
        let effects = self.phones[phone].scan(nonce, voucher, issue, online, self.now);
        self.carry_out(phone, effects);
        // Who was sent away may try once more in a moment; the phone itself refuses what it handed out.
        if tries > 0 && self.chance.percent(60) {
            let at = self.now + self.chance.secs(5, 25);
            self.put(at, Event::Arrive { phone, voucher, tries: tries - 1 });
        }
    }

    fn carry_out(&mut self, phone: Place, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(request) => {
                    let boot = self.phones[phone].boot;
                    let parcel = Parcel::Up { from: phone, boot, sent_at: self.now, request };
                    self.send(phone, parcel);
                }
                Effect::HandOver { nonce, voucher, lease } => self.hand_over(phone, nonce, voucher, lease),
                Effect::TakeBack { nonce } => {
                    self.told.one("undone");
                    self.handed.iter_mut().filter(|handed| handed.nonce == nonce).for_each(|h| h.undone = true);
                }
                Effect::WriteLater(item) => {
                    let at = self.now + self.chance.secs(1, 20);
                    let boot = self.phones[phone].boot;
                    self.put(at, Event::WriteLater(phone, boot, item));
                }
            }
        }
    }

    fn hand_over(&mut self, phone: Place, nonce: Uuid, voucher: Voucher, lease: Option<Lease>) {
        let online = self.server.keeps(nonce);
        self.told.one(match lease {
            Some(_) => "handed out offline",
            None if online => "handed out online",
            None => "handed out amber",
        });
        self.handed.push(Handed { phone, voucher, nonce, lease, at: self.now, undone: false });
        if self.chance.percent(6) {
            let at = self.now + self.chance.secs(20, 200);
            self.put(at, Event::Undo(phone, nonce, voucher));
        }
    }

    fn is_cut(&self, phone: Place) -> bool {
        !self.settling && self.cuts.iter().any(|(of, from, until)| *of == phone && (*from..*until).contains(&self.now))
    }

    /// Sends over the phone's bad network: lost, late, twice.
    fn send(&mut self, phone: Place, parcel: Parcel) {
        if self.is_cut(phone) || (!self.settling && self.chance.percent(self.settings.loss_percent)) {
            self.told.one("messages lost");
            return;
        }
        if !self.settling && self.chance.percent(10) {
            let at = self.now + self.chance.secs(1, 300);
            self.put(at, Event::Deliver(parcel.clone()));
        }
        let delay = if self.chance.percent(10) { self.chance.secs(3, 60) } else { self.chance.secs(0, 3) };
        self.put(self.now + delay, Event::Deliver(parcel));
    }

    fn serve(&mut self, from: Place, boot: u32, sent_at: Secs, request: Request) {
        self.note_what_tells(from, &request);
        // The worst moment for a network to break: the word was heard, its answer is not.
        let word = matches!(request, Request::Return { .. } | Request::Report { .. } | Request::Ask { .. });
        if word && self.chance.percent(15) {
            let until = self.now + self.chance.secs(30, 500);
            self.cuts.push((from, self.now, until));
        }
        let reply = self.server.answer(from, request, self.now);
        match &reply {
            Reply::Ended { .. } => self.told.one("reports accepted"),
            Reply::Missing { .. } => self.told.one("reports refused"),
            Reply::Returned { .. } => self.told.one("given back on recall"),
            _ => {}
        }
        self.send(from, Parcel::Down { to: from, boot, sent_at, reply });
    }

    /// Whether a rolled back phone says something that shows it.
    fn note_what_tells(&mut self, from: Place, request: &Request) {
        let Some(Some(rolled_to)) = self.rolled_back.get(&from) else { return };
        let tells = match request {
            // A copy from before that arrives late tells nothing.
            Request::Upload { items } => {
                items.iter().any(|item| item.sequence == rolled_to + 1 && !self.server.knows(from, item))
            }
            Request::Ask { key, sequence, .. } => {
                !self.server.answered(*key) && *sequence < self.server.last_known(from)
            }
            _ => false,
        };
        if tells {
            self.told_itself.insert(from);
        }
    }

    /// The storage is as it was before; whether the server knows records that are gone from it.
    fn roll_back(&mut self, phone: Place) {
        let Some(store) = self.snapshots.remove(&phone) else { return };
        if self.phones[phone].dead {
            return;
        }
        self.told.one("rolled back");
        let known = self.server.last_known(phone);
        let rolled_to = store.sequence();
        self.phones[phone].store = store;
        self.phones[phone].restart();
        self.rolled_back.insert(phone, (known > rolled_to).then_some(rolled_to));
    }

    fn coordinate(&mut self) {
        for lease in 0..self.server.leases.len() {
            let doubtful = self.server.state(lease, self.now) == LeaseState::InDoubt && self.chance.percent(40);
            let risky = self.settings.risky && self.chance.percent(2);
            if (doubtful || risky) && self.server.release(lease, risky, self.now) {
                self.told.one("leases released");
            }
        }
        if !self.settling {
            self.put(self.now + 60, Event::Coordinator);
        }
    }

    /// Looks at everything, which nobody in the simulation can.
    fn judge(&mut self) -> Result<(), Wrong> {
        let mut hands = vec![0_usize; self.settings.vouchers];
        self.handed.iter().filter(|handed| !handed.undone).for_each(|handed| hands[handed.voucher] += 1);
        for (voucher, times) in hands.iter().copied().enumerate().filter(|(_, times)| *times > 1) {
            if !self.settings.amber && !self.is_at_somebodys_risk(voucher) {
                return Err(Wrong::HandedOutTwice { voucher, times });
            }
            self.told.one("doubles at somebody's risk");
        }
        for handed in &self.handed {
            let sound = !self.phones[handed.phone].dead && !self.rolled_back.contains_key(&handed.phone);
            if sound && !self.server.keeps(handed.nonce) {
                return Err(Wrong::RecordLost { phone: handed.phone, voucher: handed.voucher });
            }
        }
        let kept = self.server.handovers();
        let all_sound = self.rolled_back.is_empty() && self.phones.iter().all(|phone| !phone.dead);
        for (voucher, (kept, handed_out)) in kept.iter().copied().zip(hands).enumerate() {
            if all_sound && kept != handed_out {
                return Err(Wrong::BooksDifferFromHands { voucher, kept, handed_out });
            }
            let twice = |conflict: &super::server::Conflict| {
                conflict.voucher == Some(voucher) && conflict.kind == ConflictKind::HandedOutTwice
            };
            if kept > 1 && !self.server.conflicts.iter().any(twice) {
                return Err(Wrong::ConflictNotVisible { voucher });
            }
        }
        if self.server.ledger.iter().sum::<i64>() != self.server.level {
            return Err(Wrong::LedgerIsNotLevel);
        }
        self.judge_marks()
    }

    fn judge_marks(&mut self) -> Result<(), Wrong> {
        let marked: BTreeSet<Place> = self
            .server
            .conflicts
            .iter()
            .filter(|conflict| conflict.chain.is_some())
            .map(|conflict| conflict.phone)
            .collect();
        for phone in &self.told_itself {
            if !marked.contains(phone) {
                return Err(Wrong::RollbackNotNoticed { phone: *phone });
            }
            self.told.one("rollbacks marked");
        }
        match marked.iter().find(|phone| !self.rolled_back.contains_key(phone)) {
            Some(phone) => Err(Wrong::PhoneAccused { phone: *phone }),
            None => Ok(()),
        }
    }

    /// Whether somebody took the risk of a double handover: a storage was rolled back, or a coordinator released the
    /// lease under which the voucher had been handed out in time.
    fn is_at_somebodys_risk(&self, voucher: Voucher) -> bool {
        self.handed.iter().filter(|handed| handed.voucher == voucher).any(|handed| {
            let released = handed
                .lease
                .map(|lease| &self.server.leases[lease])
                .is_some_and(|lease| lease.released && (lease.released_in_use || handed.at < lease.use_until));
            released || self.rolled_back.contains_key(&handed.phone)
        })
    }
}
