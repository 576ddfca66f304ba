//! What is kept secret: sealing of personal data at rest, keyed hashes to find it again, and hashes of tokens.
//!
//! One 32-byte master secret, kept in the data folder and never in the database, gives independent keys by HKDF
//! (RFC 5869). Sealing is AES-256-GCM (NIST SP 800-38D) with a random nonce and the purpose as additional data, so
//! that a value sealed for one column can't be moved into another.

mod change;
mod file;
mod log_keys;
mod replay;
pub mod stream;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{digest, hkdf, hmac};
use thiserror::Error;

use crate::kernel::Clock;

pub use change::MasterChange;
pub use file::{make_private_file, put_in_place, replace_secret_file, restrict, write_secret_file};
pub use log_keys::{LOG_KEY_LEN, LogKeys};
pub use replay::{AnswerKey, REPLAY_KEY_LEN, ReplayKey};

/// Length of the master secret in bytes.
pub const MASTER_LEN: usize = 32;

/// What a sealed value or keyed hash is for. Each has its own domain: equal values of two purposes look unrelated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A phone number.
    Phone,
    /// A citizen id number.
    CitizenId,
    /// What a clerk noted of a household.
    Note,
    /// Why a household is helped.
    Category,
    /// A private signing key.
    SigningKey,
    /// The staged rows of an import.
    Import,
    /// A phone's record that waits for a coordinator.
    Record,
    /// The key behind what must come out alike when it is asked for twice.
    ReplayKey,
    /// A key of the audit log, with the entry that it begins at.
    AuditKey,
    /// An address or account name under a rate limit.
    Throttle,
    /// Who logged in from a browser before.
    KnownBrowser,
    /// What an authenticator app and the service share.
    SecondFactor,
    /// A login that waits for its second step.
    LoginStep,
    /// Whose account at a provider opens a login, and a browser that is away there.
    SignOn,
    /// Who was erased, in a list that is kept apart from the database.
    Erasure,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::CitizenId => "citizen-id",
            Self::Note => "note",
            Self::Category => "category",
            Self::SigningKey => "signing-key",
            Self::Import => "import",
            Self::Record => "record",
            Self::ReplayKey => "replay-key",
            Self::AuditKey => "audit-key",
            Self::Throttle => "throttle",
            Self::KnownBrowser => "known-browser",
            Self::SecondFactor => "second-factor",
            Self::LoginStep => "login-step",
            Self::SignOn => "sign-on",
            Self::Erasure => "erasure",
        }
    }
}

/// A sealed value could not be opened: it was changed, or sealed under another master secret.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a sealed value does not open: it was changed, or the data folder's secret is another one")]
pub struct NotOpened;

/// The keys in use. Never printed.
pub struct Vault {
    master: [u8; MASTER_LEN],
    seal: LessSafeKey,
    index: hmac::Key,
    clock: Clock,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// Derives the keys. `clock` gives the random nonces.
    pub fn new(master: [u8; MASTER_LEN], clock: Clock) -> Self {
        let seal = UnboundKey::new(&AES_256_GCM, &derive(&master, b"seal")).expect("an AES-256 key has 32 bytes");
        let index = hmac::Key::new(hmac::HMAC_SHA256, &derive(&master, b"index"));
        Self { master, seal: LessSafeKey::new(seal), index, clock }
    }

    /// The master secret, for a backup.
    pub fn master(&self) -> &[u8; MASTER_LEN] {
        &self.master
    }

    /// Seals a value for one purpose: nonce ‖ ciphertext ‖ tag.
    pub fn seal(&self, purpose: Purpose, plain: &[u8]) -> Vec<u8> {
        seal_with(&self.seal, purpose.label().as_bytes(), &self.clock, plain)
    }

    /// Opens a value sealed for the same purpose.
    pub fn open(&self, purpose: Purpose, sealed: &[u8]) -> Result<Vec<u8>, NotOpened> {
        open_with(&self.seal, purpose.label().as_bytes(), sealed)
    }

    /// Opens a sealed text.
    pub fn open_text(&self, purpose: Purpose, sealed: &[u8]) -> Result<String, NotOpened> {
        String::from_utf8(self.open(purpose, sealed)?).map_err(|_| NotOpened)
    }

    /// A keyed hash (HMAC-SHA-256): equal texts of one purpose give equal bytes, and nobody without the master
    /// secret can try all phone numbers against it.
    pub fn index(&self, purpose: Purpose, text: &str) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.index);
        context.update(purpose.label().as_bytes());
        context.update(&[0]);
        context.update(text.as_bytes());
        context.sign().as_ref().to_vec()
    }
}

/// Nonce ‖ ciphertext ‖ tag, bound to what it is for.
fn seal_with(key: &LessSafeKey, of: &[u8], clock: &Clock, plain: &[u8]) -> Vec<u8> {
    let nonce: [u8; NONCE_LEN] = clock.bytes();
    let mut sealed = plain.to_vec();
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(of), &mut sealed)
        .expect("a value far below AES-GCM's limit of 64 GiB seals");
    let mut out = nonce.to_vec();
    out.append(&mut sealed);
    out
}

fn open_with(key: &LessSafeKey, of: &[u8], sealed: &[u8]) -> Result<Vec<u8>, NotOpened> {
    let (nonce, body) = sealed.split_at_checked(NONCE_LEN).ok_or(NotOpened)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| NotOpened)?;
    let mut body = body.to_vec();
    let plain = key.open_in_place(nonce, Aad::from(of), &mut body).map_err(|_| NotOpened)?;
    Ok(plain.to_vec())
}

/// SHA-256 (FIPS 180-4).
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

/// Tells a master secret from others without telling it.
pub fn master_id(master: &[u8; MASTER_LEN]) -> String {
    data_encoding::HEXLOWER.encode(&derive(master, b"id")[..16])
}

/// A fresh bearer token: 32 random bytes, base64url. Only its [`token_hash`] is ever stored.
pub fn new_token(clock: &Clock) -> String {
    data_encoding::BASE64URL_NOPAD.encode(&clock.bytes::<32>())
}

/// The stored form of a bearer token. Tokens carry 256 random bits, so a plain hash can't be searched.
pub fn token_hash(token: &str) -> Vec<u8> {
    sha256(token.trim().as_bytes())
}

fn derive(master: &[u8; MASTER_LEN], label: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    hkdf::Salt::new(hkdf::HKDF_SHA256, b"lalanh-vault-v1")
        .extract(master)
        .expand(&[label], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut key))
        .expect("32 bytes are within HKDF's limit");
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Moment;

    fn vault(master: u8) -> Vault {
        Vault::new([master; MASTER_LEN], Clock::fixed(Moment::from_micros(0), 1))
    }

    #[test]
    fn a_sealed_value_opens_only_for_its_purpose_and_secret() {
        let sealed = vault(1).seal(Purpose::Phone, b"0905123456");
        assert_eq!(vault(1).open_text(Purpose::Phone, &sealed).unwrap(), "0905123456");
        assert_eq!(vault(1).open(Purpose::CitizenId, &sealed), Err(NotOpened));
        assert_eq!(vault(2).open(Purpose::Phone, &sealed), Err(NotOpened));
        assert_eq!(vault(1).open(Purpose::Phone, b"short"), Err(NotOpened));
    }

    #[test]
    fn keyed_hashes_agree_for_equal_texts_and_differ_between_purposes() {
        assert_eq!(vault(1).index(Purpose::Phone, "a"), vault(1).index(Purpose::Phone, "a"));
        assert_ne!(vault(1).index(Purpose::Phone, "a"), vault(1).index(Purpose::CitizenId, "a"));
        assert_ne!(vault(1).index(Purpose::Phone, "a"), vault(2).index(Purpose::Phone, "a"));
    }
}
