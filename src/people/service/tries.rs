//! Tries on an account: counted before they are looked at, so that many at once don't slip past the limit; a right one is taken
//! back. docs/logins.md tells the limits.

use crate::http::throttle::ThrottleKind;
use crate::http::{Core, Error, Peer, Result};
use crate::people::failures;
use crate::vault::Purpose;

/// A try on an account.
#[derive(Clone, Debug)]
pub(in crate::people) struct Tries {
    core: Core,
    username: String,
    address: String,
    account: String,
    from_here: String,
}

impl Tries {
    /// Counts one more; refuses one too many.
    pub(super) fn begin(core: &Core, peer: &Peer, name: &str) -> Result<Self> {
        let account = key(core, name);
        let from_here = format!("{account} {}", key(core, &peer.address));
        let tries =
            Self { core: core.clone(), username: name.to_owned(), address: peer.address.clone(), account, from_here };
        let now = core.clock.now();
        let is_known = core.throttle.knows(&tries.from_here, now);
        let held = tries
            .keys()
            .into_iter()
            .filter(|(kind, _)| !(is_known && matches!(kind, ThrottleKind::AccountFromAnywhere)));
        tries.require_turn(held.filter_map(|(kind, key)| core.throttle.wait_secs(kind, key, now)).max())?;
        for (kind, key) in tries.keys() {
            core.throttle.failed(kind, key, now);
        }
        Ok(tries)
    }

    const fn keys(&self) -> [(ThrottleKind, &String); 3] {
        [
            (ThrottleKind::Address, &self.address),
            (ThrottleKind::Account, &self.from_here),
            (ThrottleKind::AccountFromAnywhere, &self.account),
        ]
    }

    fn require_turn(&self, wait_secs: Option<u64>) -> Result<()> {
        let Some(secs) = wait_secs else { return Ok(()) };
        failures::throttled(&self.core, &self.account, &self.username);
        Err(Error::TooMany(secs))
    }

    /// Counts a code: whoever has the password is to guess few, wherever from. The account's owner gets in from where it was
    /// logged in before.
    pub(super) fn count_code(&self) -> Result<()> {
        let now = self.core.clock.now();
        if !self.core.throttle.knows(&self.from_here, now) {
            self.require_turn(self.core.throttle.wait_secs(ThrottleKind::SecondFactor, &self.account, now))?;
        }
        self.core.throttle.failed(ThrottleKind::SecondFactor, &self.account, now);
        Ok(())
    }

    pub(super) const fn core(&self) -> &Core {
        &self.core
    }

    /// This one was no failure, and nothing is known of those before it.
    pub(super) fn take_back(&self) {
        for (kind, key) in self.keys() {
            self.core.throttle.forgive(kind, key);
        }
    }

    /// This one was right, and those before it were its owner's.
    pub(super) fn succeeded(&self) {
        self.core.throttle.forgive(ThrottleKind::Address, &self.address);
        self.core.throttle.forgive(ThrottleKind::AccountFromAnywhere, &self.account);
        self.core.throttle.forgive(ThrottleKind::SecondFactor, &self.account);
        self.core.throttle.succeeded(ThrottleKind::Account, &self.from_here);
        self.core.throttle.remember(&self.from_here, self.core.clock.now());
        self.core.metrics.login("ok");
    }
}

/// What tries on one account are counted under, or from one address: neither stands in memory as it is.
fn key(core: &Core, text: &str) -> String {
    data_encoding::HEXLOWER.encode(&core.vault.index(Purpose::Throttle, text))
}
