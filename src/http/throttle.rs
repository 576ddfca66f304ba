//! Brute force: failures are counted per account and address, per account, and per address.
//!
//! An account stops taking passwords from an address after a few failures for a while, so that nobody elsewhere is locked
//! out by them. It stops taking them from everywhere after very many, but for the addresses that it was logged in from
//! before. A browser that knows the account has tries of its own. An address may fail far more often than an account, since
//! twenty phones share one hotspot, and successes never count. docs/logins.md tells the limits.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::kernel::Moment;

/// Failures that a key may have within [`WINDOW_SECS`].
#[derive(Clone, Copy, Debug)]
pub enum ThrottleKind {
    /// One account from one network address, or within one session: 10.
    Account,
    /// One account from wherever it was not logged in from before: 100.
    AccountFromAnywhere,
    /// Codes of one account's second factor, from wherever it was not logged in from before: 10.
    SecondFactor,
    /// Passwords from one network address: 200.
    Address,
    /// Codes of 80 random bits and more from one network address: 200. Nobody guesses those, so a right one always passes.
    LongCode,
    /// One phone's typed codes: 30.
    DeviceCodes,
    /// Pledges on the public form from one network address: 300, since a neighbourhood may share one.
    PublicForm,
    /// Pledges of one landlord from one network address: 30.
    PublicLandlord,
}

impl ThrottleKind {
    const fn failures(self) -> usize {
        match self {
            Self::Account | Self::SecondFactor => 10,
            Self::AccountFromAnywhere => 100,
            Self::Address | Self::LongCode => 200,
            Self::DeviceCodes | Self::PublicLandlord => 30,
            Self::PublicForm => 300,
        }
    }
}

/// How long a failure counts, in seconds.
const WINDOW_SECS: i64 = 15 * 60;
/// Keys remembered at most; the oldest window is forgotten first.
const KEYS_MAX: usize = 50_000;

/// How long an account is known to come from an address after a login, in seconds: 30 days.
const KNOWN_SECS: i64 = 30 * 86_400;

/// Counts failures. Kept in memory: a restart forgives.
#[derive(Debug, Default)]
pub struct Throttle {
    failures: Mutex<HashMap<String, Vec<Moment>>>,
    known: Mutex<HashMap<String, Moment>>,
}

impl Throttle {
    /// Seconds to wait before another try, or nothing when one is allowed.
    pub fn wait_secs(&self, scope: ThrottleKind, key: &str, now: Moment) -> Option<u64> {
        let table = self.failures.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let recent: Vec<Moment> =
            table.get(&name(scope, key))?.iter().copied().filter(|at| now.secs_since(*at) < WINDOW_SECS).collect();
        if recent.len() < scope.failures() {
            return None;
        }
        let frees_at = recent[recent.len() - scope.failures()].plus_secs(WINDOW_SECS);
        u64::try_from(frees_at.secs_since(now)).ok().map(|secs| secs.max(1))
    }

    /// Counts a failure.
    pub fn failed(&self, scope: ThrottleKind, key: &str, now: Moment) {
        let mut table = self.failures.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if table.len() >= KEYS_MAX {
            table.retain(|_, times| times.iter().any(|at| now.secs_since(*at) < WINDOW_SECS));
            if table.len() >= KEYS_MAX {
                table.clear();
            }
        }
        let times = table.entry(name(scope, key)).or_default();
        times.retain(|at| now.secs_since(*at) < WINDOW_SECS);
        times.push(now);
    }

    /// Counts `failures` at once, before it is known whether more of them than a key may have would pass. Too many: none
    /// is allowed until the window is over, and the seconds until then.
    pub fn reserve(&self, scope: ThrottleKind, key: &str, failures: usize, now: Moment) -> Result<(), u64> {
        let mut table = self.failures.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let times = table.entry(name(scope, key)).or_default();
        times.retain(|at| now.secs_since(*at) < WINDOW_SECS);
        let left = scope.failures().saturating_sub(times.len());
        times.extend(std::iter::repeat_n(now, failures.min(left)));
        if failures <= left { Ok(()) } else { Err(WINDOW_SECS.unsigned_abs()) }
    }

    /// Takes back the newest failure, which was none.
    pub fn forgive(&self, scope: ThrottleKind, key: &str) {
        let mut table = self.failures.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(times) = table.get_mut(&name(scope, key)) {
            times.pop();
        }
    }

    /// Remembers that an account was logged in from an address.
    pub fn remember(&self, key: &str, now: Moment) {
        let mut known = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if known.len() >= KEYS_MAX {
            known.clear();
        }
        known.insert(key.to_owned(), now);
    }

    /// Whether an account was logged in from an address before.
    pub fn knows(&self, key: &str, now: Moment) -> bool {
        let known = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        known.get(key).is_some_and(|at| now.secs_since(*at) < KNOWN_SECS)
    }

    /// Forgets an account's failures after a success.
    pub fn succeeded(&self, scope: ThrottleKind, key: &str) {
        self.failures.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&name(scope, key));
    }
}

fn name(scope: ThrottleKind, key: &str) -> String {
    format!("{scope:?}:{key}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_waits_after_ten_failures_and_is_free_again_after_the_window() {
        let throttle = Throttle::default();
        let start = Moment::from_micros(0);
        for n in 0..10 {
            assert_eq!(throttle.wait_secs(ThrottleKind::Account, "lan", start.plus_secs(n)), None);
            throttle.failed(ThrottleKind::Account, "lan", start.plus_secs(n));
        }
        assert!(throttle.wait_secs(ThrottleKind::Account, "lan", start.plus_secs(10)).is_some());
        assert_eq!(throttle.wait_secs(ThrottleKind::Account, "hoa", start.plus_secs(10)), None);
        assert_eq!(throttle.wait_secs(ThrottleKind::Account, "lan", start.plus_secs(WINDOW_SECS + 1)), None);
    }

    #[test]
    fn failures_that_are_counted_together_pass_together_or_close_the_door() {
        let throttle = Throttle::default();
        let now = Moment::from_micros(0);
        assert_eq!(throttle.reserve(ThrottleKind::DeviceCodes, "máy 1", 20, now), Ok(()));
        assert_eq!(throttle.reserve(ThrottleKind::DeviceCodes, "máy 1", 11, now), Err(900));
        assert!(throttle.wait_secs(ThrottleKind::DeviceCodes, "máy 1", now).is_some());
        assert_eq!(throttle.reserve(ThrottleKind::DeviceCodes, "máy 2", 30, now), Ok(()));
    }

    #[test]
    fn twenty_phones_behind_one_address_may_each_fail_a_few_times() {
        let throttle = Throttle::default();
        let now = Moment::from_micros(0);
        for _ in 0..20 * 5 {
            throttle.failed(ThrottleKind::Address, "10.0.0.1", now);
        }
        assert_eq!(throttle.wait_secs(ThrottleKind::Address, "10.0.0.1", now), None);
    }
}
