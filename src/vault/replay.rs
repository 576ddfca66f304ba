//! What must come out alike when it is asked for twice, and may not lie around meanwhile.
//!
//! One random key, kept sealed in the database so that it outlives a change of the master secret. A kept answer opens
//! only with this key *and* the caller's own `Idempotency-Key`, which is stored nowhere: who has the database and the
//! data folder, or a back-up of both, reads no token, code or private link out of it. A phone's next token is made of the
//! one that it has, so that each try is told the same one.

use aws_lc_rs::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use aws_lc_rs::{constant_time, hmac};
use uuid::Uuid;

use super::{NotOpened, open_with, seal_with};
use crate::kernel::Clock;

/// Bytes of the key.
pub const REPLAY_KEY_LEN: usize = 32;

/// What binds a kept answer to its use.
const ANSWER: &[u8] = b"answer";

/// The key. Never printed.
pub struct ReplayKey(hmac::Key);

impl std::fmt::Debug for ReplayKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReplayKey")
    }
}

impl ReplayKey {
    /// The key of its stored bytes.
    pub fn new(bytes: &[u8; REPLAY_KEY_LEN]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// What the answer to one create of `owner` is kept with.
    pub fn answer(&self, owner: Uuid, idempotency_key: &str) -> AnswerKey {
        let parts = [b"answer\0".as_slice(), owner.as_bytes(), idempotency_key.as_bytes()].concat();
        AnswerKey(hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&self.0, &parts).as_ref()))
    }

    /// The token that follows a phone's token: without that token nobody can tell it.
    pub fn next_token(&self, device_id: Uuid, token: &str) -> String {
        let parts = [b"device-token\0".as_slice(), device_id.as_bytes(), token.as_bytes()].concat();
        data_encoding::BASE64URL_NOPAD.encode(hmac::sign(&self.0, &parts).as_ref())
    }
}

/// What one answer is kept with: made of the [`ReplayKey`] and the caller's own key.
pub struct AnswerKey(hmac::Key);

impl AnswerKey {
    fn part(&self, of: &[u8]) -> hmac::Tag {
        hmac::sign(&self.0, of)
    }

    /// Under which name it is kept.
    pub fn name(&self) -> String {
        data_encoding::HEXLOWER.encode(self.part(b"name").as_ref())
    }

    /// The stored form of the request that it answers.
    pub fn request(&self, request: &[u8]) -> Vec<u8> {
        self.part(&[b"request\0", request].concat()).as_ref().to_vec()
    }

    /// Whether a stored form is this request's.
    pub fn is_of(&self, stored: &[u8], request: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(stored, &self.request(request)).is_ok()
    }

    fn sealing(&self) -> LessSafeKey {
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, self.part(b"seal").as_ref()).expect("HMAC-SHA-256 has 32 bytes"))
    }

    /// The answer, sealed.
    pub fn seal(&self, clock: &Clock, answer: &[u8]) -> Vec<u8> {
        seal_with(&self.sealing(), ANSWER, clock, answer)
    }

    /// The answer again.
    pub fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, NotOpened> {
        open_with(&self.sealing(), ANSWER, sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Moment;

    #[test]
    fn a_kept_answer_opens_only_with_its_owners_own_key() {
        let clock = Clock::fixed(Moment::from_micros(0), 1);
        let (key, owner) = (ReplayKey::new(&[1; 32]), Uuid::from_bytes([2; 16]));
        let answer = key.answer(owner, "mot");
        let sealed = answer.seal(&clock, b"secret");
        assert_eq!(key.answer(owner, "mot").open(&sealed).unwrap(), b"secret");
        for other in
            [key.answer(owner, "hai"), key.answer(Uuid::nil(), "mot"), ReplayKey::new(&[3; 32]).answer(owner, "mot")]
        {
            assert!(other.open(&sealed).is_err());
            assert_ne!(other.name(), answer.name());
            assert!(!other.is_of(&answer.request(b"body"), b"body"));
        }
        assert!(answer.is_of(&answer.request(b"body"), b"body") && !answer.is_of(&answer.request(b"body"), b"other"));
    }

    #[test]
    fn the_token_that_follows_a_token_is_always_the_same() {
        let (key, id) = (ReplayKey::new(&[1; 32]), Uuid::from_bytes([2; 16]));
        assert_eq!(key.next_token(id, "a"), key.next_token(id, "a"));
        assert_ne!(key.next_token(id, "a"), key.next_token(id, "b"));
        assert_eq!(key.next_token(id, "a").len(), 43);
    }
}
