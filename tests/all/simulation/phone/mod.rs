//! The phone's half. What is decided of a scan, the shipped phone decides ([`Shipped`]); the rest is a model of what
//! `docs/phone-protocol.md` asks of it. Everything in [`Store`] is durable; the rest is gone after a restart.

mod table;

use std::collections::{BTreeMap, BTreeSet};

use lalanh::redemption::chain::rules::{HASH_LEN, Record};
use uuid::Uuid;

use super::Broken;
use super::network::{Answer, Item, Lease, Paper, Phone as Place, Reply, Request, Secs, Voucher, Why};
use super::server::{POINT, device, moment};
use super::shipped::Shipped;
use table::{Does, Hand, Wait};

/// Seconds after which an unanswered request is sent again, and a person waits no longer.
const PATIENCE: Secs = 8;
/// Seconds between two refreshes of a lease.
const REFRESH: Secs = 120;
/// Records that one upload has at most.
const UPLOAD_MAX: usize = 3;

/// A voucher's mark: under a lease, or of none.
pub type Key = (Option<Lease>, Voucher);

#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    out: u32,
    given: bool,
}

/// A scan that was written down before it was sent.
#[derive(Clone, Debug)]
struct Attempt {
    nonce: Uuid,
    paper: Paper,
    key: Option<Key>,
    asked_at: Secs,
}

/// An installed lease.
#[derive(Clone, Debug)]
struct Held {
    lease: Lease,
    /// By the phone's own clock.
    asked_at: Secs,
    use_secs: Secs,
    rows: Vec<(Voucher, u8)>,
    known: Vec<(Voucher, Why)>,
}

/// A record that waits, and the mark that it made.
#[derive(Clone, Debug)]
struct Waiting {
    item: Item,
    key: Key,
}

/// An undo that waits for its record's answer, or for a network.
#[derive(Clone, Debug)]
struct Undo {
    nonce: Uuid,
    key: Option<Key>,
}

/// What is durable.
#[derive(Clone, Debug, Default)]
pub struct Store {
    held: Option<Held>,
    marks: BTreeMap<Key, Mark>,
    dropped: BTreeSet<Lease>,
    queue: Vec<Waiting>,
    undos: Vec<Undo>,
    sequence: i64,
    last_hash: Vec<u8>,
    attempts: Vec<Attempt>,
    /// The one request of ask, upload and report that may be in flight; repeated until it is answered.
    in_flight: Option<Request>,
    /// When that request was sent first, by the phone's own clock.
    begun_at: Secs,
    closing: Option<Lease>,
    stopped: bool,
    revoked: bool,
}

impl Store {
    /// Records that were ever made.
    pub const fn sequence(&self) -> i64 {
        self.sequence
    }
}

/// What a phone does to the world.
#[derive(Debug)]
pub enum Effect {
    Send(Request),
    /// The package changes hands.
    HandOver {
        nonce: Uuid,
        voucher: Voucher,
        key: Option<Key>,
        recorded: bool,
    },
    /// The package comes back.
    TakeBack {
        nonce: Uuid,
    },
    /// Only with a rule left out: what should have been durable first, a moment later.
    WriteLater(Item),
    /// For the books of the simulation.
    Told(&'static str),
}

pub struct Phone {
    place: Place,
    broken: Option<Broken>,
    amber: bool,
    pub store: Store,
    pub boot: u32,
    pub dead: bool,
    /// Seconds that its clock is ahead of the true time.
    pub skew: Secs,
    sent_at: Secs,
    polled_at: Secs,
    refreshed_at: Secs,
    hand: Option<Hand>,
    /// When the lease was asked for whose manifest is awaited, and for how long it may be used.
    awaited: Option<(Lease, Secs, Secs)>,
    /// Vouchers that another desk asked back.
    wanted: BTreeSet<Voucher>,
    pub off_duty: bool,
}

impl Phone {
    pub fn new(place: Place, amber: bool, skew: Secs, broken: Option<Broken>) -> Self {
        let store = Store { last_hash: vec![0; HASH_LEN], ..Store::default() };
        Self {
            place,
            broken,
            amber,
            store,
            boot: 0,
            dead: false,
            skew,
            sent_at: -PATIENCE,
            polled_at: -PATIENCE,
            refreshed_at: -REFRESH,
            hand: None,
            awaited: None,
            wanted: BTreeSet::new(),
            off_duty: false,
        }
    }

    fn is(&self, broken: Broken) -> bool {
        self.broken == Some(broken)
    }

    /// A restart: what was not durable is gone.
    pub fn restart(&mut self) {
        self.boot += 1;
        self.sent_at = -PATIENCE;
        self.polled_at = -PATIENCE;
        self.refreshed_at = -REFRESH;
        self.hand = None;
        self.awaited = None;
        self.wanted.clear();
    }

    /// The mark of what is held before it: by the row that its code opens, else by what a signed code says.
    fn key(&self, paper: Paper) -> Option<Key> {
        let held = self.store.held.as_ref().filter(|held| held.rows.contains(&(paper.voucher, paper.issue)));
        match held {
            Some(held) => Some((Some(held.lease), paper.voucher)),
            None => (!paper.typed).then_some((None, paper.voucher)),
        }
    }

    /// Under which name a voucher is marked now: not under a lease that was dropped.
    fn live(&self, (lease, voucher): Key) -> Key {
        let held = self.store.held.as_ref().map(|held| held.lease);
        (lease.filter(|lease| held == Some(*lease)), voucher)
    }

    fn give_up(&mut self, key: Key) {
        self.store.marks.entry(key).or_default().given = true;
    }

    fn hash(&self, item: &Item) -> Vec<u8> {
        let record = Record {
            device_id: device(self.place),
            sequence: item.sequence,
            nonce: item.nonce,
            point_id: POINT,
            lease_epoch: item.lease.map(|lease| lease as i64 + 1),
            scanned_at: moment(item.scanned_at),
            units: 1,
            handed_out: true,
            code: "",
            desk: "",
            collector: None,
        };
        record.hash(&item.previous)
    }

    fn write(&mut self, item: Item) {
        self.store.sequence = item.sequence;
        self.store.last_hash.clone_from(&item.hash);
        let key = (item.lease, item.paper.voucher);
        self.store.marks.entry(key).or_default().out += 1;
        self.store.attempts.retain(|attempt| attempt.nonce != item.nonce);
        self.store.queue.push(Waiting { item, key });
    }

    /// Writes down what should have been written first, if nothing else was meanwhile.
    pub fn write_late(&mut self, item: Item) {
        if item.sequence == self.store.sequence + 1 {
            self.write(item);
        }
    }

    /// Undoes a handover: kept behind its record, the voucher given up.
    pub fn undo(&mut self, nonce: Uuid, key: Option<Key>) -> Vec<Effect> {
        if self.dead || self.store.undos.iter().any(|undo| undo.nonce == nonce) {
            return Vec::new();
        }
        if let Some(key) = key {
            self.give_up(self.live(key));
        }
        self.store.undos.push(Undo { nonce, key });
        vec![Effect::TakeBack { nonce }]
    }

    /// Every few seconds.
    pub fn tick(&mut self, new_id: Uuid, now: Secs, shipped: &mut Shipped) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.dead {
            return effects;
        }
        effects.extend(self.attend(new_id, now, shipped));
        effects.extend(self.one_at_a_time(new_id, now));
        effects.extend(self.ask_after(now));
        effects.extend(self.give_back());
        if let Some(held) = &self.store.held
            && !self.store.revoked
            && now - self.polled_at >= PATIENCE
        {
            effects.push(Effect::Send(Request::Recalls { lease: held.lease }));
            self.polled_at = now;
        }
        if let Some((lease, ..)) = self.awaited {
            effects.push(Effect::Send(Request::Manifest { lease }));
        }
        effects
    }

    /// Asks, uploads or reports; what is not answered is sent again as it was.
    fn one_at_a_time(&mut self, new_id: Uuid, now: Secs) -> Option<Effect> {
        if self.store.in_flight.is_none() {
            let request = self.next_request(new_id, now)?;
            if self.is(Broken::DeletedBeforeAnswer)
                && let Request::Upload { items } = &request
            {
                let sent: BTreeSet<Uuid> = items.iter().map(|item| item.nonce).collect();
                self.store.queue.retain(|waiting| !sent.contains(&waiting.item.nonce));
                return Some(Effect::Send(request));
            }
            self.store.in_flight = Some(request);
            self.store.begun_at = now + self.skew;
            self.sent_at = now - PATIENCE;
        }
        if now - self.sent_at < PATIENCE {
            return None;
        }
        self.sent_at = now;
        self.store.in_flight.clone().map(Effect::Send)
    }

    fn next_request(&mut self, key: Uuid, now: Secs) -> Option<Request> {
        let (sequence, hash) = (self.store.sequence, self.store.last_hash.clone());
        if self.off_duty
            && self.store.closing.is_none()
            && self.hand.is_none()
            && let Some(held) = &self.store.held
        {
            let lease = held.lease;
            self.store.closing = Some(lease);
            if !self.is(Broken::ReportBeforeDropping) {
                self.drop_lease(lease);
            }
            // A hasty phone reports though records wait: the server must not believe it.
            return Some(Request::Report { lease, sequence, hash });
        }
        // Not after what waits: a list may be older than the answers to it.
        let may_ask = !self.off_duty && !self.store.stopped && !self.store.revoked;
        if may_ask && now - self.refreshed_at >= REFRESH {
            self.refreshed_at = now;
            return Some(Request::Ask { key, sequence, hash });
        }
        if !self.store.queue.is_empty() {
            let items = self.store.queue.iter().take(UPLOAD_MAX).map(|waiting| waiting.item.clone()).collect();
            return Some(Request::Upload { items });
        }
        self.store.closing.map(|lease| Request::Report { lease, sequence, hash })
    }

    /// Gives back what was asked for: its record first, then durably, then the word.
    fn give_back(&mut self) -> Vec<Effect> {
        let Some(held) = &self.store.held else { return Vec::new() };
        let lease = held.lease;
        let mut effects = Vec::new();
        for voucher in self.wanted.clone() {
            let waits = self.store.queue.iter().any(|waiting| waiting.key.1 == voucher);
            let asked = self.store.attempts.iter().any(|attempt| attempt.key.is_some_and(|(_, of)| of == voucher));
            let in_hand = self.hand.is_some_and(|hand| self.key(hand.paper).is_some_and(|(_, of)| of == voucher));
            if (waits && !self.is(Broken::ReturnBeforeUpload)) || asked || in_hand {
                continue;
            }
            if !self.is(Broken::ReturnBeforeGivingUp) {
                self.give_up((Some(lease), voucher));
            }
            effects.push(Effect::Send(Request::Return { lease, vouchers: vec![voucher] }));
        }
        effects
    }

    fn drop_lease(&mut self, lease: Lease) {
        let store = &mut self.store;
        store.dropped.insert(lease);
        if store.held.take_if(|held| held.lease == lease).is_some() {
            // What the server has not answered must be remembered beyond the lease.
            let waiting = store.queue.iter().map(|waiting| Some(waiting.key));
            let undone = store.undos.iter().map(|undo| undo.key);
            let asked = store.attempts.iter().map(|attempt| attempt.key);
            let owed: BTreeSet<Key> = waiting.chain(undone).chain(asked).flatten().collect();
            let marks = std::mem::take(&mut store.marks);
            for (key @ (of, voucher), mark) in marks {
                let outlives = owed.contains(&key) && self.broken != Some(Broken::ForgottenWithLease);
                match of == Some(lease) {
                    true if outlives => drop(store.marks.insert((None, voucher), mark)),
                    true => {}
                    false => drop(store.marks.entry(key).or_insert(mark)),
                }
            }
        }
        self.awaited.take_if(|(awaited, ..)| *awaited == lease);
        self.wanted.clear();
    }

    /// An answer came. `sent_at`: when that copy of its question was sent.
    pub fn hear(&mut self, reply: Reply, sent_at: Secs, now: Secs, shipped: &mut Shipped) -> Vec<Effect> {
        match reply {
            Reply::Leased { key, lease, use_secs } => {
                // A question that was sent again may have been answered the first time.
                let again = self.is(Broken::UseCountedFromResending);
                let begun_at = if again { sent_at + self.skew } else { self.store.begun_at };
                self.leased(key, (lease, begun_at, use_secs));
            }
            Reply::RolledBack => {
                self.store.stopped = true;
                self.store.in_flight = None;
                self.store.closing = None;
            }
            Reply::Manifest { lease, rows, known } => self.install(lease, rows, known),
            Reply::LeaseEnded { lease } => self.drop_lease(lease),
            Reply::Revoked => self.revoked(),
            Reply::Scanned(answer) => return self.scanned(answer, sent_at, shipped),
            Reply::Stored { nonce, answer } => return self.stored(nonce, answer, now, shipped),
            Reply::Uploaded { answers } => self.uploaded(&answers, shipped),
            Reply::Recalls { lease, state, vouchers } => {
                if !state.holds() {
                    self.drop_lease(lease);
                } else if self.store.held.as_ref().is_some_and(|held| held.lease == lease) {
                    self.wanted.extend(vouchers);
                }
            }
            Reply::Returned { lease, vouchers } => {
                self.wanted.retain(|voucher| !vouchers.contains(voucher));
                vouchers.into_iter().for_each(|voucher| self.give_up((Some(lease), voucher)));
            }
            Reply::Ended { lease } => self.reported(lease, true),
            Reply::Missing { lease } => self.reported(lease, false),
            Reply::Undone { nonce } => self.store.undos.retain(|undo| undo.nonce != nonce),
        }
        Vec::new()
    }

    /// The answer to an ask, if it is still the one that is waited for.
    fn leased(&mut self, key: Uuid, awaited: (Lease, Secs, Secs)) {
        let waited = matches!(&self.store.in_flight, Some(Request::Ask { key: asked, .. }) if *asked == key);
        if !waited {
            return;
        }
        self.store.in_flight = None;
        if !self.store.dropped.contains(&awaited.0) {
            self.awaited = Some(awaited);
        }
    }

    fn install(&mut self, lease: Lease, rows: Vec<(Voucher, u8)>, told: Vec<(Voucher, Why)>) {
        if self.store.stopped || (self.store.dropped.contains(&lease) && !self.is(Broken::DroppedLeaseInstalled)) {
            return;
        }
        // Another one before it, of whose end the phone never heard, ends with this.
        let ended = self.store.held.as_ref().map(|held| held.lease).filter(|held| *held != lease);
        if let Some(ended) = ended {
            self.drop_lease(ended);
        }
        let known = self.store.held.as_ref().filter(|held| held.lease == lease);
        let known = known.map(|held| (held.asked_at, held.use_secs));
        let awaited =
            self.awaited.filter(|(awaited, ..)| *awaited == lease).map(|(_, asked_at, secs)| (asked_at, secs));
        let endless = self.is(Broken::DroppedLeaseInstalled).then_some((0, Secs::from(u32::MAX)));
        if let Some((asked_at, use_secs)) = known.max(awaited).or(endless) {
            self.store.held = Some(Held { lease, asked_at, use_secs, rows, known: told });
            self.awaited = None;
        }
    }

    /// A coordinator revoked this phone: it hands out nothing more, but still tells what it did.
    fn revoked(&mut self) {
        self.store.revoked = true;
        self.store.in_flight.take_if(|request| !request.is_of_the_revoked());
        self.awaited = None;
        self.hand.take_if(|hand| matches!(hand.wait, Some(Wait::Answer { .. })));
    }

    /// Each record is deleted after its own answer.
    fn uploaded(&mut self, answers: &[Answer], shipped: &mut Shipped) {
        for answer in answers {
            let waiting = self.store.queue.iter().position(|waiting| waiting.item.nonce == answer.nonce);
            let Some(waiting) = waiting.map(|place| self.store.queue.remove(place)) else { continue };
            if self.does(*answer, shipped) == Does::GiveUp {
                self.give_up(self.live(waiting.key));
            }
        }
        let answered = |nonce: Uuid| answers.iter().any(|answer| answer.nonce == nonce);
        let done = matches!(&self.store.in_flight,
            Some(Request::Upload { items }) if items.iter().all(|item| answered(item.nonce)));
        if done {
            self.store.in_flight = None;
        }
    }

    fn reported(&mut self, lease: Lease, ended: bool) {
        let waited = matches!(&self.store.in_flight, Some(Request::Report { lease: of, .. }) if *of == lease);
        if waited {
            self.store.in_flight = None;
        }
        if ended {
            self.store.closing.take_if(|closing| *closing == lease);
            self.drop_lease(lease);
        }
    }

    /// Whether it knows something that it may not tell any more.
    pub const fn is_silenced(&self) -> bool {
        self.store.revoked && !(self.store.undos.is_empty() && self.store.attempts.is_empty())
    }

    /// The record of a nonce, while it waits here.
    pub fn waiting(&self, nonce: Uuid) -> Option<&Item> {
        self.store.queue.iter().map(|waiting| &waiting.item).find(|item| item.nonce == nonce)
    }

    /// Whether everything it knows was told, and it holds nothing any more.
    pub const fn is_done(&self) -> bool {
        let store = &self.store;
        let asks = !store.undos.is_empty() || !store.attempts.is_empty();
        let told = store.queue.is_empty() && self.hand.is_none() && (store.revoked || !asks);
        let holds = store.held.is_some() || store.closing.is_some() || self.awaited.is_some();
        self.dead || (told && store.in_flight.is_none() && (store.stopped || !holds))
    }
}
