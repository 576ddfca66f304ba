//! The keys that bind the audit log: who has the database alone can't make an entry's hash, nor the end's.

use aws_lc_rs::{constant_time, hmac};

use super::sha256;

/// Bytes of a key.
pub const LOG_KEY_LEN: usize = 32;

/// The keys, each from an entry on. Entries before the first one are of a time without keys. Never printed.
#[derive(Default)]
pub struct LogKeys(Vec<(i64, hmac::Key)>);

impl std::fmt::Debug for LogKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(from_seq, _)| from_seq)).finish()
    }
}

impl LogKeys {
    /// The keys by the first entry of each, in any order.
    pub fn new(keys: impl IntoIterator<Item = (i64, [u8; LOG_KEY_LEN])>) -> Self {
        let mut keys: Vec<_> =
            keys.into_iter().map(|(from_seq, key)| (from_seq, hmac::Key::new(hmac::HMAC_SHA256, &key))).collect();
        keys.sort_by_key(|(from_seq, _)| *from_seq);
        Self(keys)
    }

    /// The first entry that is keyed.
    pub fn first(&self) -> Option<i64> {
        self.0.first().map(|(from_seq, _)| *from_seq)
    }

    /// The first entry of the newest key.
    pub fn newest(&self) -> Option<i64> {
        self.0.last().map(|(from_seq, _)| *from_seq)
    }

    /// The hash of an entry at a place: keyed, or plain where no key was in force.
    pub fn entry(&self, seq: i64, bytes: &[u8]) -> Vec<u8> {
        match self.at(seq) {
            Some(key) => hmac::sign(key, bytes).as_ref().to_vec(),
            None => sha256(bytes),
        }
    }

    /// What binds the end of the log, by the newest key; nothing without keys.
    pub fn end(&self, seq: i64, hash: &[u8]) -> Option<Vec<u8>> {
        let (_, key) = self.0.last()?;
        Some(hmac::sign(key, &[b"audit-head\0".as_slice(), &seq.to_be_bytes(), hash].concat()).as_ref().to_vec())
    }

    /// Whether `mac` binds this end of the log.
    pub fn binds(&self, seq: i64, hash: &[u8], mac: &[u8]) -> bool {
        self.end(seq, hash).is_some_and(|own| constant_time::verify_slices_are_equal(&own, mac).is_ok())
    }

    fn at(&self, seq: i64) -> Option<&hmac::Key> {
        self.0.iter().rev().find(|(from_seq, _)| *from_seq <= seq).map(|(_, key)| key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_bound_by_the_key_that_was_in_force_at_its_place() {
        let keys = LogKeys::new([(20, [2; 32]), (10, [1; 32])]);
        assert_eq!(keys.entry(9, b"x"), sha256(b"x"));
        assert_ne!(keys.entry(10, b"x"), sha256(b"x"));
        assert_eq!(keys.entry(19, b"x"), LogKeys::new([(10, [1; 32])]).entry(19, b"x"));
        assert_ne!(keys.entry(20, b"x"), keys.entry(19, b"x"));
        assert_eq!((keys.first(), keys.newest()), (Some(10), Some(20)));
    }

    #[test]
    fn an_end_that_was_moved_is_not_bound() {
        let keys = LogKeys::new([(1, [1; 32])]);
        let mac = keys.end(5, b"hash").unwrap();
        assert!(keys.binds(5, b"hash", &mac));
        assert!(!keys.binds(4, b"hash", &mac) && !keys.binds(5, b"other", &mac));
        assert!(!LogKeys::default().binds(5, b"hash", &mac));
    }
}
