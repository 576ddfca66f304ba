//! A scan at the table: what the shipped code decides of it, and what the phone does then.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Attempt, Effect, Key, PATIENCE, Phone, Waiting};
use crate::simulation::Broken;
use crate::simulation::network::{Answer, Item, Paper, Request, Secs, Why};
use crate::simulation::shipped::Shipped;

/// Seconds after which a phone decides by itself.
const FALLBACK: Secs = 2;
/// Seconds after which a scan whose answer was lost is asked after.
const FORGOTTEN: Secs = 10;
/// Seconds after which a scan that the server has never heard of will not arrive any more.
const LOST: Secs = 120;

fn name(key: Key) -> String {
    let (lease, voucher) = key;
    lease.map_or_else(|| format!("amber/12:{voucher}"), |lease| format!("{lease}/12:{voucher}"))
}

fn code(paper: Paper) -> String {
    let Paper { voucher, issue, typed } = paper;
    format!("{}{voucher}.{issue}", if typed { "typed " } else { "LL1:" })
}

/// What the person at the table waits for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wait {
    /// What waits of the voucher to be told.
    Upload { since: Secs },
    /// The server's answer.
    Answer { nonce: Uuid, sent_at: Secs, fell_back: bool },
}

/// The scan in hand; one at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hand {
    pub(super) paper: Paper,
    nonce: Uuid,
    online: bool,
    uploaded: bool,
    pub(super) wait: Option<Wait>,
}

/// What an answer lets the phone do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    HandOut,
    GiveUp,
    Nothing,
}

impl Phone {
    /// All that the shipped code is asked with.
    fn question(&self, ask: &str, hand: &Hand, now: Secs) -> Value {
        let ms = |at: Secs| 1_628_121_600_000 + at * 1000;
        let store = &self.store;
        let key = self.key(hand.paper);
        let blind = self.is(Broken::AsksWhileRecordWaits) || (key.is_none() && self.is(Broken::TypedCodeBelievedNew));
        let records = store.queue.iter().filter(|_| !blind).map(|Waiting { item, key }| {
            json!({"nonce": item.nonce, "code": code(item.paper), "voucher": name(*key), "at": ms(item.scanned_at)})
        });
        let undos = store.undos.iter().filter(|_| !blind);
        let undos = undos.map(|undo| json!({"nonce": undo.nonce, "voucher": undo.key.map(name)}));
        let attempts = store.attempts.iter().map(|attempt| {
            let known = attempt.key.or_else(|| self.key(attempt.paper));
            json!({"nonce": attempt.nonce, "code": code(attempt.paper), "voucher": known.map(name), "at": ms(attempt.asked_at)})
        });
        let marks = store.marks.iter().map(|(key, mark)| {
            let given = mark.given && !self.is(Broken::ManifestBringsBack);
            json!({"key": name(*key), "out": mark.out, "given": given, "at": ms(0)})
        });
        let endless = self.is(Broken::UseAfterEnd);
        let lease = store.held.as_ref().map(|held| {
            let lasts = if endless { ms(0) } else { held.use_secs * 1000 };
            json!({"id": held.lease.to_string(), "asked_wall": ms(held.asked_at), "lasts_ms": lasts})
        });
        let known = store.held.as_ref().and_then(|held| held.known.iter().find(|(of, _)| *of == hand.paper.voucher));
        let known = known.map(|(_, why)| if *why == Why::Held { "held" } else { "handed_out" });
        json!({
            "ask": ask,
            "paper": {
                "code": code(hand.paper),
                "voucher": key.map(name),
                "held": key.is_some_and(|(lease, _)| lease.is_some()),
                "units": (!hand.paper.typed).then_some(1),
            },
            "online": hand.online,
            "uploaded": hand.uploaded,
            "revoked": store.revoked && !self.is(Broken::RevokedHandsOut),
            "rolled_back": store.stopped,
            "amber": self.amber || self.is(Broken::HandsOutUnheld),
            "records": records.collect::<Vec<_>>(),
            "undos": undos.collect::<Vec<_>>(),
            "attempts": attempts.collect::<Vec<_>>(),
            "marks": marks.collect::<Vec<_>>(),
            "lease": lease,
            "known": known,
            "now": ms(now + self.skew),
        })
    }

    /// A household shows its paper. `nonce`: for a scan that was never sent.
    pub fn scan(&mut self, nonce: Uuid, paper: Paper, online: bool, now: Secs, shipped: &mut Shipped) -> Vec<Effect> {
        if self.dead || self.hand.is_some() {
            return Vec::new();
        }
        self.next_step(Hand { paper, nonce, online, uploaded: false, wait: None }, now, shipped)
    }

    /// Does what the shipped code says comes next.
    fn next_step(&mut self, hand: Hand, now: Secs, shipped: &mut Shipped) -> Vec<Effect> {
        let Hand { paper, .. } = hand;
        self.hand = None;
        let answer = shipped.ask(&self.question("step", &hand, now));
        let again: Option<Uuid> = answer["nonce"].as_str().and_then(|nonce| nonce.parse().ok());
        let nonce = again.unwrap_or(hand.nonce);
        match answer["step"].as_str().unwrap() {
            "upload" => {
                self.hand = Some(Hand { wait: Some(Wait::Upload { since: now }), ..hand });
                vec![Effect::Told("told before asking")]
            }
            "record" => self.record(nonce, &hand, now),
            "ask" => {
                let paper = self.sent(nonce, &hand);
                let earlier = self.store.attempts.iter().find(|attempt| attempt.nonce == nonce);
                let key = self.key(hand.paper).or_else(|| earlier.and_then(|earlier| earlier.key));
                self.store.attempts.retain(|attempt| attempt.nonce != nonce);
                self.store.attempts.push(Attempt { nonce, paper, key, asked_at: now });
                let wait = Wait::Answer { nonce, sent_at: now, fell_back: false };
                self.hand = Some(Hand { wait: Some(wait), ..hand });
                vec![Effect::Send(Request::Scan { nonce, paper })]
            }
            step => {
                assert_eq!(step, "tell");
                let already = answer["outcome"] == "already_redeemed";
                let waits = self.store.queue.iter().any(|waiting| waiting.item.paper.voucher == paper.voucher);
                if already && waits { vec![Effect::Told("refused by its own record")] } else { Vec::new() }
            }
        }
    }

    /// The person at the table waits: for what waits to be told, or for an answer; after a moment the phone decides by
    /// itself if it may.
    pub(super) fn attend(&mut self, new_id: Uuid, now: Secs, shipped: &mut Shipped) -> Vec<Effect> {
        let Some(hand) = self.hand else { return Vec::new() };
        match hand.wait {
            Some(Wait::Upload { since }) => {
                let owed = shipped.ask(&self.question("owed", &hand, now))["owed"] == true;
                if owed && now - since < PATIENCE {
                    return Vec::new();
                }
                self.next_step(Hand { uploaded: true, wait: None, ..hand }, now, shipped)
            }
            Some(Wait::Answer { nonce, sent_at, fell_back }) => {
                if now - sent_at >= PATIENCE {
                    // Sent away; the scan is asked after later.
                    self.hand = None;
                    return Vec::new();
                }
                if fell_back || now - sent_at < FALLBACK {
                    return Vec::new();
                }
                if shipped.ask(&self.question("alone", &hand, now))["outcome"] == "redeemed" {
                    self.hand = None;
                    let nonce = if self.is(Broken::NewNonceOnFallback) { new_id } else { nonce };
                    return self.record(nonce, &hand, now);
                }
                self.hand = Some(Hand { wait: Some(Wait::Answer { nonce, sent_at, fell_back: true }), ..hand });
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// What goes with a nonce: always what went with it first.
    fn sent(&self, nonce: Uuid, hand: &Hand) -> Paper {
        self.store.attempts.iter().find(|attempt| attempt.nonce == nonce).map_or(hand.paper, |earlier| earlier.paper)
    }

    /// Writes a handover down; only then the package changes hands.
    fn record(&mut self, nonce: Uuid, hand: &Hand, now: Secs) -> Vec<Effect> {
        let key = self.key(hand.paper).unwrap_or((None, hand.paper.voucher));
        let paper = self.sent(nonce, hand);
        let mut item = Item {
            sequence: self.store.sequence + 1,
            previous: self.store.last_hash.clone(),
            nonce,
            paper,
            lease: key.0,
            scanned_at: now + self.skew,
            hash: Vec::new(),
        };
        item.hash = self.hash(&item);
        let hand_over = Effect::HandOver { nonce, voucher: paper.voucher, key: Some(key), recorded: true };
        if self.is(Broken::GreenBeforeRecord) {
            return vec![hand_over, Effect::WriteLater(item)];
        }
        self.write(item);
        vec![hand_over]
    }

    /// What the shipped code does with an answer.
    pub(super) fn does(&self, answer: Answer, shipped: &mut Shipped) -> Does {
        let reversed = answer.reversed && !self.is(Broken::GreenOnUndone);
        let question = json!({
            "ask": "heard",
            "outcome": answer.outcome.name(),
            "reversed_at": reversed.then_some("2021-08-05T00:00:00Z"),
        });
        match shipped.ask(&question)["does"].as_str() {
            Some("hand_out") => Does::HandOut,
            Some("give_up") => Does::GiveUp,
            _ => Does::Nothing,
        }
    }

    /// An answer counts only for the call that waits for it.
    pub(super) fn scanned(&mut self, answer: Answer, sent_at: Secs, shipped: &mut Shipped) -> Vec<Effect> {
        let Some(Hand { wait: Some(Wait::Answer { nonce, sent_at: asked_at, .. }), .. }) = self.hand else {
            return Vec::new();
        };
        if nonce != answer.nonce || sent_at != asked_at {
            return Vec::new();
        }
        self.hand = None;
        let Some(place) = self.store.attempts.iter().position(|attempt| attempt.nonce == nonce) else {
            return Vec::new();
        };
        let attempt = self.store.attempts.remove(place);
        let key = attempt.key.map_or((None, answer.voucher), |key| self.live(key));
        match self.does(answer, shipped) {
            Does::HandOut => {
                self.store.marks.entry(key).or_default().out += 1;
                let voucher = attempt.paper.voucher;
                vec![Effect::HandOver { nonce, voucher, key: Some(key), recorded: false }]
            }
            Does::GiveUp => {
                self.give_up(key);
                vec![Effect::Told("heard of an undoing")]
            }
            Does::Nothing => Vec::new(),
        }
    }

    /// What became of a scan whose answer was lost. Taken by the server, the volunteer is asked: nothing was handed over.
    pub(super) fn stored(
        &mut self,
        nonce: Uuid,
        answer: Option<Answer>,
        now: Secs,
        shipped: &mut Shipped,
    ) -> Vec<Effect> {
        let Some(place) = self.store.attempts.iter().position(|attempt| attempt.nonce == nonce) else {
            return Vec::new();
        };
        let lost = now - self.store.attempts[place].asked_at > LOST;
        if self.in_hand(nonce) || (answer.is_none() && !lost) {
            return Vec::new();
        }
        let attempt = self.store.attempts.remove(place);
        let Some(answer) = answer else { return Vec::new() };
        let key = attempt.key.map_or((None, answer.voucher), |key| self.live(key));
        match self.does(answer, shipped) {
            Does::HandOut => self.undo(nonce, Some(key)),
            Does::GiveUp => {
                self.give_up(key);
                vec![Effect::Told("heard of an undoing")]
            }
            Does::Nothing => Vec::new(),
        }
    }

    /// Undos whose record was answered, and scans whose answer was lost.
    pub(super) fn ask_after(&self, now: Secs) -> Vec<Effect> {
        let store = &self.store;
        if store.revoked {
            return Vec::new();
        }
        let waits = |nonce: Uuid| store.queue.iter().any(|waiting| waiting.item.nonce == nonce);
        let undo = store.undos.iter().find(|undo| !waits(undo.nonce));
        let undo = undo.map(|undo| Request::Undo { nonce: undo.nonce });
        let lost = store.attempts.iter().find(|lost| !self.in_hand(lost.nonce) && now - lost.asked_at >= FORGOTTEN);
        let lost = lost.map(|lost| Request::Stored { nonce: lost.nonce });
        undo.into_iter().chain(lost).map(Effect::Send).collect()
    }

    /// Whether somebody waits for the answer to a scan right now.
    fn in_hand(&self, nonce: Uuid) -> bool {
        matches!(self.hand, Some(Hand { wait: Some(Wait::Answer { nonce: asked, .. }), .. }) if asked == nonce)
    }
}
