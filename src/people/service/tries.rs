//! Tries on an account: counted before they are looked at, so that many at once don't slip past the limit; a right one is taken
//! back. docs/logins.md tells the limits.

use crate::http::throttle::ThrottleKind;
use crate::http::{Core, Error, Peer, Result};
use crate::people::failures;
use crate::people::known_browser::KnownBrowser;
use crate::vault::Purpose;

/// A try on an account.
#[derive(Clone, Debug)]
pub(in crate::people) struct Tries {
    core: Core,
    username: String,
    account: String,
    from_here: String,
    /// Whether the account was logged in before in this browser, or from this address.
    is_known: bool,
    limits: Vec<(ThrottleKind, String)>,
}

impl Tries {
    /// Counts one more; refuses one too many.
    pub(super) fn begin(core: &Core, peer: &Peer, browser: &KnownBrowser, name: &str) -> Result<Self> {
        let account = key(core, name);
        let from_here = format!("{account} {}", key(core, &peer.address));
        let now = core.clock.now();
        let browser = browser.key(name);
        let is_known = browser.is_some() || core.throttle.knows(&from_here, now);
        let limits = match browser {
            Some(browser) => vec![(ThrottleKind::Account, key(core, &browser))],
            None => vec![
                (ThrottleKind::Account, from_here.clone()),
                (ThrottleKind::Address, peer.address.clone()),
                (ThrottleKind::AccountFromAnywhere, account.clone()),
            ],
        };
        let tries = Self { core: core.clone(), username: name.to_owned(), account, from_here, is_known, limits };
        let limits = tries.limits.iter();
        let held = limits.filter(|(kind, _)| !(is_known && matches!(kind, ThrottleKind::AccountFromAnywhere)));
        tries.require_turn(held.filter_map(|(kind, key)| core.throttle.wait_secs(*kind, key, now)).max())?;
        for (kind, key) in &tries.limits {
            core.throttle.failed(*kind, key, now);
        }
        Ok(tries)
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
        if !self.is_known {
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
        for (kind, key) in &self.limits {
            self.core.throttle.forgive(*kind, key);
        }
    }

    /// This one was right, and those before it were its owner's.
    pub(super) fn succeeded(&self) {
        for (kind, key) in &self.limits {
            match kind {
                ThrottleKind::Account => self.core.throttle.succeeded(*kind, key),
                _ => self.core.throttle.forgive(*kind, key),
            }
        }
        self.core.throttle.forgive(ThrottleKind::SecondFactor, &self.account);
        self.core.throttle.remember(&self.from_here, self.core.clock.now());
        self.core.metrics.login("ok");
    }
}

/// What tries on one account are counted under, or from one address: neither stands in memory as it is.
fn key(core: &Core, text: &str) -> String {
    data_encoding::HEXLOWER.encode(&core.vault.index(Purpose::Throttle, text))
}
