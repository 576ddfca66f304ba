//! A read list as it is kept between preview and commit: compressed, then sealed.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::vault::{Purpose, Vault};
use crate::web::{Error, Result};

/// Seals a value for the `imports` table.
pub fn seal<T: Serialize>(vault: &Vault, value: &T) -> Result<Vec<u8>> {
    let internal = |error: std::io::Error| Error::Internal(Box::new(error));
    let json = serde_json::to_vec(value).map_err(|error| Error::Internal(Box::new(error)))?;
    let mut encoder = GzEncoder::new(Vec::with_capacity(json.len() / 6), Compression::fast());
    encoder.write_all(&json).map_err(internal)?;
    Ok(vault.seal(Purpose::Import, &encoder.finish().map_err(internal)?))
}

/// Opens what [`seal`] made.
pub fn open<T: DeserializeOwned>(vault: &Vault, sealed: &[u8]) -> Result<T> {
    let packed = vault.open(Purpose::Import, sealed)?;
    let mut json = Vec::with_capacity(packed.len() * 6);
    GzDecoder::new(packed.as_slice()).read_to_end(&mut json).map_err(|error| Error::Internal(Box::new(error)))?;
    serde_json::from_slice(&json).map_err(|error| Error::Internal(Box::new(error)))
}
