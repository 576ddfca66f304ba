//! The lease protocol, checked and not believed: phones, a server and a bad network, run against each other by a seeded
//! generator, thousands of times.
//!
//! The server's half decides with the program's own rules (`redemption::rules`, `redemption::chain`,
//! `redemption::leases::rules`); what the phone decides of a scan and of an answer, the shipped code decides
//! (`pwa/step.js`, run by Node); the rest of the phone is a model of `docs/phone-protocol.md`. Messages are lost, doubled, delayed and overtaken; phones restart, die, and have their storage rolled
//! back; their clocks are wrong; keys are withdrawn and papers reissued; coordinators release what is in doubt, revoke
//! phones that are still in use, and undo handovers whose phones have not heard of them.
//!
//! A check that can't fail is worth nothing: [`Broken`] lists rules that are left out on purpose, one at a time, and
//! for each the simulation must see that something went wrong.

mod network;
mod phone;
mod server;
mod shipped;
mod world;

use std::collections::BTreeMap;

use shipped::Shipped;
use world::{Invalid, Settings, World};

/// A rule that is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Server: a lease ends when its time is over.
    LeaseEndsByTime,
    /// Server: a closing report is taken though records are missing.
    ReportWithMissingRecords,
    /// Server: what another phone holds may join a lease.
    HeldByOthersJoins,
    /// Server: a second handover is no conflict.
    ConflictNotNoted,
    /// Server: a phone's chain is not looked at.
    ChainNotJudged,
    /// Server: a record whose online question was refused is answered with that refusal, and not kept.
    FactLostBehindRefusal,
    /// Phone: a voucher is given up when its return is answered, not before it is sent.
    ReturnBeforeGivingUp,
    /// Phone: a voucher is returned though its record waits.
    ReturnBeforeUpload,
    /// Phone: the lease is dropped when the closing report is answered, not before it is sent.
    ReportBeforeDropping,
    /// Phone: a manifest brings back what was given up.
    ManifestBringsBack,
    /// Phone: a manifest of a lease that was dropped is installed.
    DroppedLeaseInstalled,
    /// Phone: it hands out under a lease whose use is over.
    UseAfterEnd,
    /// Phone: the use of a lease is counted from when its question was sent again.
    UseCountedFromResending,
    /// Phone: it hands out what it does not hold.
    HandsOutUnheld,
    /// Phone: green is shown before the record is durable.
    GreenBeforeRecord,
    /// Phone: a record is deleted once it was sent.
    DeletedBeforeAnswer,
    /// Phone: falling back, it makes a new nonce.
    NewNonceOnFallback,
    /// Phone: it asks for a voucher, with a new nonce, while its own record of it waits.
    AsksWhileRecordWaits,
    /// Phone: a typed code that opens no row is believed to be of no voucher that it recorded.
    TypedCodeBelievedNew,
    /// Phone: what it handed out is forgotten with the lease, though its record waits.
    ForgottenWithLease,
    /// Phone: it is green on the answer to a handover that was undone since.
    GreenOnUndone,
    /// Phone: told that it was revoked, it goes on.
    RevokedHandsOut,
    /// Server: a record of a handover that was undone before its phone told of it is believed to be told already.
    UndoneFactBelieved,
    /// Server: revoking a phone alone, without a coordinator's word, frees its vouchers.
    RevokingReleases,
}

impl Broken {
    const ALL: [Self; 24] = [
        Self::LeaseEndsByTime,
        Self::ReportWithMissingRecords,
        Self::HeldByOthersJoins,
        Self::ConflictNotNoted,
        Self::ChainNotJudged,
        Self::FactLostBehindRefusal,
        Self::ReturnBeforeGivingUp,
        Self::ReturnBeforeUpload,
        Self::ReportBeforeDropping,
        Self::ManifestBringsBack,
        Self::DroppedLeaseInstalled,
        Self::UseAfterEnd,
        Self::UseCountedFromResending,
        Self::HandsOutUnheld,
        Self::GreenBeforeRecord,
        Self::DeletedBeforeAnswer,
        Self::NewNonceOnFallback,
        Self::AsksWhileRecordWaits,
        Self::TypedCodeBelievedNew,
        Self::ForgottenWithLease,
        Self::GreenOnUndone,
        Self::RevokedHandsOut,
        Self::UndoneFactBelieved,
        Self::RevokingReleases,
    ];
}

/// How many times the sound protocol is run.
const RUNS: u64 = 3_000;
/// Within how many runs a broken rule must be found: runs in which nothing is wrong with the sound protocol.
const TRIES: u64 = RUNS;

fn run(seed: u64, broken: Option<Broken>, shipped: &mut Shipped) -> Result<world::Told, Invalid> {
    World::new(seed, Settings::of(seed), broken, shipped).run()
}

#[test]
fn the_protocol_holds_on_a_bad_network_with_phones_that_die() {
    let Some(mut shipped) = Shipped::start() else { return };
    let mut told = world::Told::default();
    for seed in 0..RUNS {
        match run(seed, None, &mut shipped) {
            Ok(one) => told.add(&one),
            Err(wrong) => panic!("seed {seed}: {wrong:?}"),
        }
    }
    eprintln!("{RUNS} runs: {told:?}");
    // The runs must have been through what they claim to check.
    for (what, times) in told.all() {
        assert!(times >= 50, "{what} happened only {times} times in {RUNS} runs");
    }
}

/// Many more runs of the sound protocol: `cargo test -- --ignored all_night`.
#[test]
#[ignore = "takes minutes"]
fn the_protocol_holds_all_night() {
    let Some(mut shipped) = Shipped::start() else { return };
    for seed in RUNS..RUNS + 60_000 {
        if let Err(wrong) = run(seed, None, &mut shipped) {
            panic!("seed {seed}: {wrong:?}");
        }
    }
}

#[test]
fn each_rule_that_is_left_out_is_found() {
    let Some(mut shipped) = Shipped::start() else { return };
    let mut missed = Vec::new();
    for broken in Broken::ALL {
        match (0..TRIES).find_map(|seed| run(seed, Some(broken), &mut shipped).err().map(|wrong| (seed, wrong))) {
            Some((seed, wrong)) => eprintln!("{broken:?}: found in run {seed} by {:?}", wrong.kind()),
            None => missed.push(broken),
        }
    }
    assert!(missed.is_empty(), "nothing went wrong without these rules: {missed:?}");
}

/// How often a broken rule is found, by what it is found: for people, `cargo test -- --ignored how_often`.
#[test]
#[ignore = "a table for people"]
fn how_often_each_broken_rule_is_found() {
    let Some(mut shipped) = Shipped::start() else { return };
    for broken in Broken::ALL {
        let mut by: BTreeMap<&str, u32> = BTreeMap::new();
        for seed in 0..500 {
            if let Err(wrong) = run(seed, Some(broken), &mut shipped) {
                *by.entry(wrong.kind()).or_default() += 1;
            }
        }
        eprintln!("{broken:?}: {by:?} in 500 runs");
    }
}
