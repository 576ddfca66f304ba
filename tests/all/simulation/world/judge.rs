//! Looks at everything, which nobody in the simulation can.

use std::collections::{BTreeMap, BTreeSet};

use lalanh::redemption::rules::ConflictKind;

use super::World;
use crate::simulation::network::{Phone as Place, Voucher};
use crate::simulation::phone::Phone;
use crate::simulation::server::Conflict;

/// What went wrong.
#[derive(Debug)]
#[expect(dead_code, reason = "what a failing run prints")]
pub enum Invalid {
    HandedOutTwice { voucher: Voucher, times: usize },
    RecordLost { phone: Place, voucher: Voucher },
    BooksDifferFromHands { voucher: Voucher, kept: usize, handed_out: usize },
    LedgerIsNotLevel,
    ConflictNotVisible { voucher: Voucher },
    RollbackNotNoticed { phone: Place },
    PhoneAccused { phone: Place },
    TwiceByOnePhone { phone: Place, voucher: Voucher },
    HandedOutRevoked { phone: Place },
}

impl Invalid {
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
            Self::TwiceByOnePhone { .. } => "a sound phone that handed out twice",
            Self::HandedOutRevoked { .. } => "a phone that hands out though it knows that it was revoked",
        }
    }
}

impl World<'_> {
    /// Looks at everything, which nobody in the simulation can.
    pub(super) fn judge(&mut self) -> Result<(), Invalid> {
        let mut hands = vec![0_usize; self.settings.vouchers];
        self.handed.iter().filter(|handed| !handed.undone).for_each(|handed| hands[handed.voucher] += 1);
        for (voucher, times) in hands.iter().copied().enumerate().filter(|(_, times)| *times > 1) {
            if !self.settings.amber && !self.is_at_somebodys_risk(voucher) {
                return Err(Invalid::HandedOutTwice { voucher, times });
            }
            self.told.one("doubles at somebody's risk");
        }
        for handed in &self.handed {
            let sound = !self.phones[handed.phone].dead && !self.rolled_back.contains_key(&handed.phone);
            if sound && !self.server.keeps(handed.nonce) {
                return Err(Invalid::RecordLost { phone: handed.phone, voucher: handed.voucher });
            }
        }
        let kept = self.server.handovers();
        let sound = |phone: &Phone| !phone.dead && !phone.is_silenced();
        let all_sound = self.rolled_back.is_empty() && self.phones.iter().all(sound);
        for (voucher, (kept, handed_out)) in kept.iter().copied().zip(hands).enumerate() {
            if all_sound && kept != handed_out {
                return Err(Invalid::BooksDifferFromHands { voucher, kept, handed_out });
            }
            let twice = |conflict: &Conflict| {
                conflict.voucher == Some(voucher) && conflict.kind == ConflictKind::HandedOutTwice
            };
            if kept > 1 && !self.server.conflicts.iter().any(twice) {
                return Err(Invalid::ConflictNotVisible { voucher });
            }
        }
        if self.server.ledger.iter().sum::<i64>() != self.server.level {
            return Err(Invalid::LedgerIsNotLevel);
        }
        self.judge_phones()?;
        self.judge_marks()
    }

    /// What no risk that somebody took excuses.
    fn judge_phones(&self) -> Result<(), Invalid> {
        let mut by_phone: BTreeMap<(Place, Voucher), usize> = BTreeMap::new();
        for handed in self.handed.iter().filter(|handed| !handed.undone) {
            *by_phone.entry((handed.phone, handed.voucher)).or_default() += 1;
        }
        let twice =
            by_phone.into_iter().find(|((phone, _), times)| *times > 1 && !self.rolled_back.contains_key(phone));
        if let Some(((phone, voucher), _)) = twice {
            return Err(Invalid::TwiceByOnePhone { phone, voucher });
        }
        match self.handed_out_revoked.first() {
            Some(phone) => Err(Invalid::HandedOutRevoked { phone: *phone }),
            None => Ok(()),
        }
    }

    fn judge_marks(&mut self) -> Result<(), Invalid> {
        let marked: BTreeSet<Place> = self
            .server
            .conflicts
            .iter()
            .filter(|conflict| conflict.chain.is_some())
            .map(|conflict| conflict.phone)
            .collect();
        for phone in &self.told_itself {
            if !marked.contains(phone) {
                return Err(Invalid::RollbackNotNoticed { phone: *phone });
            }
            self.told.one("rollbacks marked");
        }
        match marked.iter().find(|phone| !self.rolled_back.contains_key(phone)) {
            Some(phone) => Err(Invalid::PhoneAccused { phone: *phone }),
            None => Ok(()),
        }
    }

    /// Whether somebody took the risk of a double handover: a storage was rolled back, or a coordinator released the
    /// lease under which the voucher had been handed out in time, or undid what its phone had not heard of.
    fn is_at_somebodys_risk(&self, voucher: Voucher) -> bool {
        let unheard = self.undone_unheard.contains(&voucher);
        unheard
            || self.handed.iter().filter(|handed| handed.voucher == voucher).any(|handed| {
                let released = handed
                    .lease
                    .map(|lease| &self.server.leases[lease])
                    .is_some_and(|lease| lease.released && (lease.released_in_use || handed.at < lease.use_until));
                released || self.rolled_back.contains_key(&handed.phone)
            })
    }
}
