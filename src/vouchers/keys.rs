//! The Ed25519 keys (RFC 8032) that sign vouchers, and the ring of those a code may be signed with.

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey};

use crate::kernel::Clock;

/// Bytes of an Ed25519 signature.
pub const SIGNATURE_LEN: usize = 64;

/// The deployment's own id, part of every signed message: another ward's voucher never passes here.
pub type InstanceId = [u8; 16];

/// Stored bytes that are no Ed25519 key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stored bytes are not an Ed25519 key")]
pub struct NotAKey;

/// A private key with its id. Its debug form shows the id only.
pub struct SigningKey {
    kid: u8,
    pair: Ed25519KeyPair,
    public: [u8; 32],
}

impl SigningKey {
    /// A new key from 32 unpredictable bytes of the clock's generator.
    pub fn generate(kid: u8, clock: &Clock) -> Self {
        Self::from_seed(kid, &clock.bytes::<32>()).expect("any 32 bytes are an Ed25519 seed (RFC 8032 §5.1.5)")
    }

    /// The key of a stored seed (32 bytes, RFC 8032 §5.1.5). Anything else is [`NotAKey`].
    pub fn from_seed(kid: u8, seed: &[u8]) -> Result<Self, NotAKey> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| NotAKey)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| NotAKey)?;
        Ok(Self { kid, pair, public })
    }

    /// The seed, to be stored encrypted and nowhere else.
    pub fn seed(&self) -> [u8; 32] {
        let seed = self.pair.seed().expect("the pair was made from a seed");
        let buffer = aws_lc_rs::encoding::AsBigEndian::<aws_lc_rs::encoding::Curve25519SeedBin<'_>>::as_be_bytes(&seed)
            .expect("a seed is 32 bytes in memory");
        buffer.as_ref().try_into().expect("a Curve25519 seed has 32 bytes")
    }

    /// The key's id, as byte 1 of each code it signs.
    pub const fn kid(&self) -> u8 {
        self.kid
    }

    /// The public half, as published at `/keys`.
    pub const fn public_bytes(&self) -> [u8; 32] {
        self.public
    }

    /// The public half, ready to verify with.
    pub fn public_key(&self) -> PublicKey {
        PublicKey::from_bytes(&self.public).expect("the public half of a key pair is a public key")
    }

    /// The signature of a message.
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_LEN] {
        self.pair.sign(message).as_ref().try_into().expect("an Ed25519 signature has 64 bytes")
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// A public key, parsed once.
#[derive(Clone)]
pub struct PublicKey {
    parsed: ParsedPublicKey,
}

impl PublicKey {
    /// From its 32 bytes. Anything else is [`NotAKey`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotAKey> {
        if bytes.len() != 32 {
            return Err(NotAKey);
        }
        ParsedPublicKey::new(&ED25519, bytes).map(|parsed| Self { parsed }).map_err(|_| NotAKey)
    }

    /// Whether this key's private half signed the message.
    pub fn verify(&self, message: &[u8], signature: &[u8; SIGNATURE_LEN]) -> bool {
        self.parsed.verify_sig(message, signature).is_ok()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey").finish_non_exhaustive()
    }
}

/// What a key may still do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Signs (or will, one sync period after it was published) and verifies.
    Active,
    /// Signs no more; verifies until its last voucher ends.
    Retired,
    /// Compromised: nothing that it signed counts any more.
    Withdrawn,
}

/// Every key of this deployment, with the id of the deployment.
#[derive(Clone, Debug)]
pub struct KeyRing {
    instance_id: InstanceId,
    keys: BTreeMap<u8, (PublicKey, KeyState)>,
}

impl KeyRing {
    /// A ring without keys.
    pub const fn new(instance_id: InstanceId) -> Self {
        Self { instance_id, keys: BTreeMap::new() }
    }

    /// Adds a key, or replaces the one with the same id (to change its state).
    pub fn insert(&mut self, kid: u8, key: PublicKey, state: KeyState) {
        self.keys.insert(kid, (key, state));
    }

    /// The key with that id and its state.
    pub fn get(&self, kid: u8) -> Option<(&PublicKey, KeyState)> {
        self.keys.get(&kid).map(|(key, state)| (key, *state))
    }

    /// The deployment's id.
    pub const fn instance_id(&self) -> &InstanceId {
        &self.instance_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Moment;

    #[test]
    fn the_first_test_vector_of_rfc_8032_is_met() {
        let hex = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap();
        let key = SigningKey::from_seed(1, &hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
        let key = key.unwrap();
        assert_eq!(
            key.public_bytes().to_vec(),
            hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        );
        let signature = key.sign(b"");
        assert_eq!(&signature[..8], &hex("e5564300c360ac72")[..]);
        assert!(key.public_key().verify(b"", &signature));
    }

    #[test]
    fn a_key_comes_back_from_its_stored_seed() {
        let clock = Clock::fixed(Moment::from_micros(0), 3);
        let key = SigningKey::generate(7, &clock);
        let again = SigningKey::from_seed(7, &key.seed()).unwrap();
        assert_eq!(again.public_bytes(), key.public_bytes());
        assert_ne!(SigningKey::generate(8, &clock).public_bytes(), key.public_bytes());
    }

    #[test]
    fn bytes_that_are_no_key_are_refused() {
        assert_eq!(SigningKey::from_seed(1, &[0; 31]).unwrap_err(), NotAKey);
        assert_eq!(PublicKey::from_bytes(&[1; 33]).unwrap_err(), NotAKey);
    }

    #[test]
    fn a_keys_debug_form_tells_no_secret() {
        let key = SigningKey::from_seed(9, &[7; 32]).unwrap();
        assert_eq!(format!("{key:?}"), "SigningKey { kid: 9, .. }");
    }
}
