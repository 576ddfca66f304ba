//! The phone's half: a model of what `docs/phone-protocol.md` asks of it. Everything in [`Store`] is durable; the rest is
//! gone after a restart.

use std::collections::BTreeSet;

use uuid::Uuid;

use lalanh::redemption::Outcome;
use lalanh::redemption::chain::{HASH_LEN, Record};

use super::Broken;
use super::network::{Item, Lease, Phone as Place, Reply, Request, Secs, Voucher};
use super::server::{POINT, device, moment};

/// Seconds after which an unanswered request is sent again.
const PATIENCE: Secs = 8;
/// Seconds after which a phone decides by itself.
const FALLBACK: Secs = 2;
/// Seconds between two refreshes of a lease.
const REFRESH: Secs = 120;
/// Records that one upload has at most.
const UPLOAD_MAX: usize = 3;

/// A scan that was written down before it was sent.
#[derive(Clone, Debug)]
struct Pending {
    nonce: Uuid,
    voucher: Voucher,
    issue: u8,
    begun_at: Secs,
}

/// An installed lease.
#[derive(Clone, Debug)]
struct Held {
    lease: Lease,
    /// By the phone's own clock.
    use_until: Secs,
    rows: Vec<(Voucher, u8)>,
}

/// What is durable.
#[derive(Clone, Debug, Default)]
pub struct Store {
    held: Option<Held>,
    handed_out: BTreeSet<Voucher>,
    given_up: BTreeSet<(Lease, Voucher)>,
    dropped: BTreeSet<Lease>,
    queue: Vec<Item>,
    undos: Vec<Uuid>,
    sequence: i64,
    last_hash: Vec<u8>,
    pending: Option<Pending>,
    /// The one request of ask, upload and report that may be in flight; repeated until it is answered.
    in_flight: Option<Request>,
    /// When that request was sent first, by the phone's own clock.
    begun_at: Secs,
    closing: Option<Lease>,
    stopped: bool,
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
        lease: Option<Lease>,
    },
    /// The package comes back.
    TakeBack {
        nonce: Uuid,
    },
    /// Only with a rule left out: what should have been durable first, a moment later.
    WriteLater(Item),
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
    scan_sent_at: Secs,
    /// When the lease was asked for whose manifest is awaited, and until when it may be used.
    awaited: Option<(Lease, Secs)>,
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
            scan_sent_at: -PATIENCE,
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
        self.scan_sent_at = -PATIENCE;
        self.awaited = None;
        self.wanted.clear();
    }

    /// Whether it alone may hand a voucher out now.
    fn holds(&self, voucher: Voucher, issue: u8, now: Secs) -> Option<Lease> {
        let held = self.store.held.as_ref()?;
        let in_use = now + self.skew < held.use_until || self.is(Broken::UseAfterEnd);
        let given_up = self.store.given_up.contains(&(held.lease, voucher)) && !self.is(Broken::ManifestBringsBack);
        let fine = in_use
            && !self.store.stopped
            && held.rows.contains(&(voucher, issue))
            && !given_up
            && !self.store.handed_out.contains(&voucher);
        fine.then_some(held.lease)
    }

    /// A household shows its paper.
    pub fn scan(&mut self, nonce: Uuid, voucher: Voucher, issue: u8, online: bool, now: Secs) -> Vec<Effect> {
        if self.dead || self.store.pending.is_some() || self.store.handed_out.contains(&voucher) {
            return Vec::new();
        }
        if !online {
            return self.decide_alone(nonce, voucher, issue, now);
        }
        self.store.pending = Some(Pending { nonce, voucher, issue, begun_at: now });
        self.scan_sent_at = now;
        vec![Effect::Send(Request::Scan { nonce, voucher, issue })]
    }

    /// Offline: only what is held, or amber.
    fn decide_alone(&mut self, nonce: Uuid, voucher: Voucher, issue: u8, now: Secs) -> Vec<Effect> {
        let lease = self.holds(voucher, issue, now);
        if lease.is_none() && !self.amber && !self.is(Broken::HandsOutUnheld) {
            return Vec::new();
        }
        if self.store.stopped {
            return Vec::new();
        }
        self.record(nonce, voucher, issue, lease, now)
    }

    /// Writes a handover down; only then the package changes hands.
    fn record(&mut self, nonce: Uuid, voucher: Voucher, issue: u8, lease: Option<Lease>, now: Secs) -> Vec<Effect> {
        let mut item = Item {
            sequence: self.store.sequence + 1,
            previous: self.store.last_hash.clone(),
            nonce,
            voucher,
            issue,
            lease,
            scanned_at: now + self.skew,
            hash: Vec::new(),
        };
        item.hash = self.hash(&item);
        let hand_over = Effect::HandOver { nonce, voucher, lease };
        if self.is(Broken::GreenBeforeRecord) {
            return vec![hand_over, Effect::WriteLater(item)];
        }
        self.write(item);
        vec![hand_over]
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
        self.store.handed_out.insert(item.voucher);
        self.store.queue.push(item);
    }

    /// Writes down what should have been written first, if nothing else was meanwhile.
    pub fn write_late(&mut self, item: Item) {
        if item.sequence == self.store.sequence + 1 {
            self.write(item);
        }
    }

    /// Undoes a handover that was uploaded or made online: the voucher is given up.
    pub fn undo(&mut self, nonce: Uuid, voucher: Voucher) -> Vec<Effect> {
        let waits = self.store.queue.iter().any(|item| item.nonce == nonce);
        if self.dead || self.store.stopped || waits || self.store.undos.contains(&nonce) {
            return Vec::new();
        }
        if let Some(held) = &self.store.held {
            self.store.given_up.insert((held.lease, voucher));
        }
        self.store.undos.push(nonce);
        vec![Effect::TakeBack { nonce }]
    }

    /// Every few seconds.
    pub fn tick(&mut self, new_id: Uuid, now: Secs) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.dead {
            return effects;
        }
        effects.extend(self.wait_for_answer(new_id, now));
        effects.extend(self.one_at_a_time(new_id, now));
        if let Some(nonce) = self.store.undos.first() {
            effects.push(Effect::Send(Request::Undo { nonce: *nonce }));
        }
        effects.extend(self.give_back());
        if let Some(held) = &self.store.held
            && now - self.polled_at >= PATIENCE
        {
            effects.push(Effect::Send(Request::Recalls { lease: held.lease }));
            self.polled_at = now;
        }
        if let Some((lease, _)) = self.awaited {
            effects.push(Effect::Send(Request::Manifest { lease }));
        }
        effects
    }

    /// A scan that was sent: after a moment the phone decides by itself if it may, else it asks again.
    fn wait_for_answer(&mut self, new_id: Uuid, now: Secs) -> Vec<Effect> {
        let Some(pending) = self.store.pending.clone() else { return Vec::new() };
        if now - pending.begun_at < FALLBACK {
            return Vec::new();
        }
        if let Some(lease) = self.holds(pending.voucher, pending.issue, now) {
            self.store.pending = None;
            let nonce = if self.is(Broken::NewNonceOnFallback) { new_id } else { pending.nonce };
            return self.record(nonce, pending.voucher, pending.issue, Some(lease), now);
        }
        if now - self.scan_sent_at < PATIENCE {
            return Vec::new();
        }
        self.scan_sent_at = now;
        let Pending { nonce, voucher, issue, .. } = pending;
        vec![Effect::Send(Request::Scan { nonce, voucher, issue })]
    }

    /// Asks, uploads or reports; what is not answered is sent again as it was.
    fn one_at_a_time(&mut self, new_id: Uuid, now: Secs) -> Option<Effect> {
        if self.store.in_flight.is_none() {
            let request = self.next_request(new_id, now)?;
            if self.is(Broken::DeletedBeforeAnswer)
                && let Request::Upload { items } = &request
            {
                let sent: BTreeSet<Uuid> = items.iter().map(|item| item.nonce).collect();
                self.store.queue.retain(|item| !sent.contains(&item.nonce));
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
            && self.store.pending.is_none()
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
        if !self.store.queue.is_empty() {
            let items = self.store.queue.iter().take(UPLOAD_MAX).cloned().collect();
            return Some(Request::Upload { items });
        }
        if let Some(lease) = self.store.closing {
            return Some(Request::Report { lease, sequence, hash });
        }
        let due = now - self.refreshed_at >= REFRESH;
        (due && !self.off_duty && !self.store.stopped).then(|| {
            self.refreshed_at = now;
            Request::Ask { key, sequence, hash }
        })
    }

    /// Gives back what was asked for: its record first, then durably, then the word.
    fn give_back(&mut self) -> Vec<Effect> {
        let Some(held) = &self.store.held else { return Vec::new() };
        let lease = held.lease;
        let mut effects = Vec::new();
        for voucher in self.wanted.clone() {
            let waits = self.store.queue.iter().any(|item| item.voucher == voucher);
            let asked = self.store.pending.as_ref().is_some_and(|pending| pending.voucher == voucher);
            if (waits && !self.is(Broken::ReturnBeforeUpload)) || asked {
                continue;
            }
            if !self.is(Broken::ReturnBeforeGivingUp) {
                self.store.given_up.insert((lease, voucher));
            }
            effects.push(Effect::Send(Request::Return { lease, vouchers: vec![voucher] }));
        }
        effects
    }

    fn drop_lease(&mut self, lease: Lease) {
        self.store.dropped.insert(lease);
        self.store.held.take_if(|held| held.lease == lease);
        self.awaited.take_if(|(awaited, _)| *awaited == lease);
        self.wanted.clear();
    }

    /// An answer came. `sent_at`: when that copy of its question was sent.
    pub fn hear(&mut self, reply: Reply, sent_at: Secs) -> Vec<Effect> {
        match reply {
            Reply::Leased { key, lease, use_secs } => {
                // A question that was sent again may have been answered the first time.
                let again = self.is(Broken::UseCountedFromResending);
                let begun_at = if again { sent_at + self.skew } else { self.store.begun_at };
                self.leased(key, lease, begun_at + use_secs);
            }
            Reply::RolledBack => {
                self.store.stopped = true;
                self.store.in_flight = None;
                self.store.closing = None;
            }
            Reply::Manifest { lease, rows } => self.install(lease, rows),
            Reply::LeaseEnded { lease } => self.drop_lease(lease),
            Reply::Scanned { nonce, outcome } => return self.scanned(nonce, outcome),
            Reply::Uploaded { answers } => self.uploaded(&answers),
            Reply::Recalls { lease, state, vouchers } => {
                if !state.holds() {
                    self.drop_lease(lease);
                } else if self.store.held.as_ref().is_some_and(|held| held.lease == lease) {
                    self.wanted.extend(vouchers);
                }
            }
            Reply::Returned { lease, vouchers } => {
                self.wanted.retain(|voucher| !vouchers.contains(voucher));
                self.store.given_up.extend(vouchers.into_iter().map(|voucher| (lease, voucher)));
            }
            Reply::Ended { lease } => self.reported(lease, true),
            Reply::Missing { lease } => self.reported(lease, false),
            Reply::Undone { nonce } => self.store.undos.retain(|undo| *undo != nonce),
        }
        Vec::new()
    }

    /// The answer to an ask, if it is still the one that is waited for.
    fn leased(&mut self, key: Uuid, lease: Lease, use_until: Secs) {
        let waited = matches!(&self.store.in_flight, Some(Request::Ask { key: asked, .. }) if *asked == key);
        if !waited {
            return;
        }
        self.store.in_flight = None;
        if !self.store.dropped.contains(&lease) {
            self.awaited = Some((lease, use_until));
        }
    }

    fn install(&mut self, lease: Lease, rows: Vec<(Voucher, u8)>) {
        if self.store.stopped || (self.store.dropped.contains(&lease) && !self.is(Broken::DroppedLeaseInstalled)) {
            return;
        }
        let known = self.store.held.as_ref().filter(|held| held.lease == lease).map(|held| held.use_until);
        let awaited = self.awaited.filter(|(awaited, _)| *awaited == lease).map(|(_, use_until)| use_until);
        let use_until = known.max(awaited);
        let use_until = use_until.or(self.is(Broken::DroppedLeaseInstalled).then_some(Secs::MAX));
        if let Some(use_until) = use_until {
            self.store.held = Some(Held { lease, use_until, rows });
            self.awaited = None;
        }
    }

    fn scanned(&mut self, nonce: Uuid, outcome: Outcome) -> Vec<Effect> {
        let Some(pending) = self.store.pending.take_if(|pending| pending.nonce == nonce) else { return Vec::new() };
        if outcome != Outcome::Redeemed {
            return Vec::new();
        }
        self.store.handed_out.insert(pending.voucher);
        vec![Effect::HandOver { nonce, voucher: pending.voucher, lease: None }]
    }

    /// Each record is deleted after its own answer.
    fn uploaded(&mut self, answers: &[(Uuid, Outcome)]) {
        let answered = |nonce: Uuid| answers.iter().any(|(of, _)| *of == nonce);
        self.store.queue.retain(|item| !answered(item.nonce));
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

    /// Whether everything it knows was told, and it holds nothing any more.
    pub const fn is_done(&self) -> bool {
        let store = &self.store;
        let told = store.queue.is_empty() && store.undos.is_empty() && store.pending.is_none();
        let holds = store.held.is_some() || store.closing.is_some() || self.awaited.is_some();
        self.dead || (told && store.in_flight.is_none() && (store.stopped || !holds))
    }
}
