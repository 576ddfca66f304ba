//! One master secret takes the place of another: what is sealed, and the keyed hashes that find it, are made anew.

use super::{NotOpened, Purpose, Vault};

/// The vaults of both secrets.
#[derive(Clone, Copy, Debug)]
pub struct MasterChange<'a> {
    /// Opens what is stored.
    pub old: &'a Vault,
    /// Seals it anew.
    pub new: &'a Vault,
}

impl MasterChange<'_> {
    /// A sealed value under the new secret.
    pub fn reseal(&self, purpose: Purpose, sealed: &[u8]) -> Result<Vec<u8>, NotOpened> {
        Ok(self.new.seal(purpose, &self.old.open(purpose, sealed)?))
    }

    /// A sealed text under the new secret, with the keyed hash that finds it.
    pub fn reseal_found(&self, purpose: Purpose, sealed: &[u8]) -> Result<(Vec<u8>, Vec<u8>), NotOpened> {
        let text = self.old.open_text(purpose, sealed)?;
        Ok((self.new.seal(purpose, text.as_bytes()), self.new.index(purpose, &text)))
    }
}
