//! What the runs went through.

use std::collections::BTreeMap;

/// What the runs went through.
#[derive(Debug, Default)]
pub struct Told(BTreeMap<&'static str, u64>);

impl Told {
    pub(super) fn one(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }

    pub fn add(&mut self, other: &Self) {
        for (what, times) in &other.0 {
            *self.0.entry(what).or_default() += times;
        }
    }

    pub fn all(&self) -> Vec<(&'static str, u64)> {
        const EXPECTED: [&str; 23] = [
            "handed out offline",
            "handed out online",
            "handed out amber",
            "given back on recall",
            "reports accepted",
            "reports refused",
            "leases released",
            "restarts",
            "rolled back",
            "rollbacks marked",
            "phones lost",
            "undone",
            "keys withdrawn",
            "doubles at somebody's risk",
            "messages lost",
            "told before asking",
            "refused by its own record",
            "heard of an undoing",
            "phones revoked",
            "phones revoked and released",
            "undone by a coordinator",
            "undone before its phone heard",
            "undone before its record came",
        ];
        EXPECTED.iter().map(|what| (*what, self.0.get(what).copied().unwrap_or(0))).collect()
    }
}
