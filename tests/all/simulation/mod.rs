//! The lease protocol, checked and not believed: phones, a server and a bad network, run against each other by a seeded
//! generator, thousands of times.
//!
//! The server's half decides with the program's own rules (`redemption::rules`, `redemption::chain`,
//! `redemption::leases::rules`); the phone's half is a model of `docs/phone-protocol.md`, which the phone's program
//! follows. Messages are lost, doubled, delayed and overtaken; phones restart, die, and have their storage rolled
//! back; their clocks are wrong; keys are withdrawn and papers reissued; coordinators release what is in doubt.
//!
//! A check that can't fail is worth nothing: [`Broken`] lists rules that are left out on purpose, one at a time, and
//! for each the simulation must see that something went wrong.

mod network;
mod phone;
mod server;
mod world;

use std::collections::BTreeMap;

use world::{Settings, World, Wrong};

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
}

impl Broken {
    const ALL: [Self; 17] = [
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
    ];
}

/// How many times the sound protocol is run.
const RUNS: u64 = 1_500;
/// Within how many runs a broken rule must be found: runs in which nothing is wrong with the sound protocol.
const TRIES: u64 = RUNS;

fn run(seed: u64, broken: Option<Broken>) -> Result<world::Told, Wrong> {
    World::new(seed, Settings::of(seed), broken).run()
}

#[test]
fn the_protocol_holds_on_a_bad_network_with_phones_that_die() {
    let mut told = world::Told::default();
    for seed in 0..RUNS {
        match run(seed, None) {
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
    for seed in RUNS..RUNS + 60_000 {
        if let Err(wrong) = run(seed, None) {
            panic!("seed {seed}: {wrong:?}");
        }
    }
}

#[test]
fn each_rule_that_is_left_out_is_found() {
    let mut missed = Vec::new();
    for broken in Broken::ALL {
        match (0..TRIES).find_map(|seed| run(seed, Some(broken)).err().map(|wrong| (seed, wrong))) {
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
    for broken in Broken::ALL {
        let mut by: BTreeMap<&str, u32> = BTreeMap::new();
        for seed in 0..500 {
            if let Err(wrong) = run(seed, Some(broken)) {
                *by.entry(wrong.kind()).or_default() += 1;
            }
        }
        eprintln!("{broken:?}: {by:?} in 500 runs");
    }
}
