//! Households, volunteers, coordinators, the network and time; and the eye that sees everything.

mod chance;
mod judge;
mod told;

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use lalanh::redemption::leases::LeaseState;
use uuid::Uuid;

use super::Broken;
use super::network::{Item, Lease, Paper, Parcel, Phone as Place, Reply, Request, Secs, Voucher};
use super::phone::{Effect, Key, Phone, Store};
use super::server::Server;
use super::shipped::Shipped;
use chance::Chance;
pub use judge::Invalid;
pub use told::Told;

/// Seconds of duty.
const DUTY: Secs = 1500;
/// Seconds after which no answer is heard any more that was given before: what a coordinator needs at least to undo.
const UNHEARD: Secs = 9;
/// Seconds between two looks of a coordinator at what is in doubt.
const ROUND: Secs = 25;
/// Seconds between two undoings by a coordinator.
const UNDOING: Secs = 15;
/// Seconds for which a scan may be on its way.
const SCAN_DELAY: Secs = 60;
/// Seconds after duty in which all is told, over a good network.
const SETTLING: Secs = 2000;

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
    revokes: bool,
    comes_and_goes: bool,
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
            revokes: chance.percent(25),
            comes_and_goes: chance.percent(70),
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
    Undo(Place, Uuid, Option<Key>),
    Revoke(Place),
    Coordinator,
    Undoing,
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

pub struct World<'a> {
    shipped: &'a mut Shipped,
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
    /// Phones that heard that they were revoked, and which of them handed out after that.
    revoked: BTreeSet<Place>,
    handed_out_revoked: BTreeSet<Place>,
    /// Vouchers of which a coordinator undid a handover that its phone had not heard of.
    undone_unheard: BTreeSet<Voucher>,
    settling: bool,
    told: Told,
}

impl<'a> World<'a> {
    pub fn new(seed: u64, settings: Settings, broken: Option<Broken>, shipped: &'a mut Shipped) -> Self {
        let mut chance = Chance(seed);
        let stock =
            settings.vouchers as i64 * if settings.scarce { 1 } else { 3 } / if settings.scarce { 2 } else { 1 };
        let phones = (0..settings.phones)
            .map(|place| Phone::new(place, settings.amber, chance.secs(-4000, 4000), broken))
            .collect();
        let server = Server::new(settings.vouchers, settings.amber, stock, broken);
        Self {
            shipped,
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
            revoked: BTreeSet::new(),
            handed_out_revoked: BTreeSet::new(),
            undone_unheard: BTreeSet::new(),
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
        if self.settings.revokes {
            let phone = self.chance.below(self.settings.phones as u64) as Place;
            let at = self.chance.secs(DUTY / 4, DUTY);
            self.put(at, Event::Revoke(phone));
        }
        self.put(60, Event::Coordinator);
        self.put(60, Event::Undoing);
        self.put(DUTY, Event::Settle);
    }

    pub fn run(mut self) -> Result<Told, Invalid> {
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
                    if matches!(reply, Reply::Revoked) {
                        self.revoked.insert(to);
                    }
                    let effects = self.phones[to].hear(reply, sent_at, self.now, self.shipped);
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
            Event::Undo(phone, nonce, key) => {
                let effects = self.phones[phone].undo(nonce, key);
                self.carry_out(phone, effects);
            }
            Event::Revoke(phone) => {
                let releases = self.chance.percent(60);
                self.told.one(if releases { "phones revoked and released" } else { "phones revoked" });
                // It is revoked because nobody can reach it.
                let until = self.now + self.chance.secs(100, 600);
                self.cuts.push((phone, self.now, until));
                self.server.revoke(phone, releases, self.now);
            }
            Event::Coordinator => self.coordinate(),
            Event::Undoing => {
                self.undo_as_coordinator();
                if !self.settling {
                    self.put(self.now + UNDOING, Event::Undoing);
                }
            }
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
        let effects = self.phones[phone].tick(id, self.now, self.shipped);
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
        let paper = Paper { voucher, issue, typed: self.chance.percent(35) };
        let effects = self.phones[phone].scan(nonce, paper, online, self.now, self.shipped);
        self.carry_out(phone, effects);
        // Who was sent away, or got something, may try once more in a moment.
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
                Effect::HandOver { nonce, voucher, key, recorded } => {
                    let lease = key.filter(|_| recorded).and_then(|(lease, _)| lease);
                    self.hand_over(phone, nonce, voucher, lease);
                    if self.chance.percent(6) {
                        let at = self.now + self.chance.secs(2, 200);
                        self.put(at, Event::Undo(phone, nonce, key));
                    }
                }
                Effect::Told(what) => self.told.one(what),
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
        if self.revoked.contains(&phone) {
            self.handed_out_revoked.insert(phone);
        }
        self.handed.push(Handed { phone, voucher, nonce, lease, at: self.now, undone: false });
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
            // Who scans again after minutes must be able to count on the first scan not coming any more.
            let scan = matches!(parcel, Parcel::Up { request: Request::Scan { .. }, .. });
            let at = self.now + self.chance.secs(1, if scan { SCAN_DELAY } else { 300 });
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
        // Or it comes back for a moment, long enough for an old answer to be heard.
        let repeated = matches!(&request, Request::Ask { key, .. } if self.server.answered(*key));
        if self.settings.comes_and_goes && repeated && self.chance.percent(30) {
            let again = self.now + self.chance.secs(10, 40);
            self.cuts.push((from, again, again + self.chance.secs(300, 900)));
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
        if self.server.is_revoked(from) && !request.is_of_the_revoked() {
            return;
        }
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
            self.put(self.now + ROUND, Event::Coordinator);
        }
    }

    /// Goods come back to the coordinator, who undoes their handover; or a household says that it never got what the list
    /// says it got.
    fn undo_as_coordinator(&mut self) {
        for (nonce, voucher) in self.server.answered_before(self.now - UNHEARD) {
            let waiting = |phone: Place| self.phones[phone].waiting(nonce).map(|item| self.server.knows(phone, item));
            let waits = |phone| waiting(phone).is_some();
            let unheard = |phone| waiting(phone) == Some(false);
            match self.handed.iter_mut().find(|handed| handed.nonce == nonce) {
                Some(handed) if handed.undone => continue,
                Some(Handed { phone, .. }) if unheard(*phone) && self.chance.percent(10) => {
                    // Its phone handed out on it without having heard, and has not told: a mistake.
                    self.undone_unheard.insert(voucher);
                    self.told.one("undone before its record came");
                }
                Some(handed) if !waits(handed.phone) && self.chance.percent(1) => {
                    handed.undone = true;
                    self.told.one("undone by a coordinator");
                }
                None if self.chance.percent(30) => {
                    self.undone_unheard.insert(voucher);
                    self.told.one("undone before its phone heard");
                }
                _ => continue,
            }
            self.server.undo(nonce, None);
        }
    }
}
