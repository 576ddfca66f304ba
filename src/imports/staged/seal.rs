//! How a file and its rows are kept: compressed and sealed.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::http::{Error, Result};
use crate::spreadsheet::Reading;
use crate::vault::{Purpose, Vault};

/// A value as the JSON text that is stored.
pub fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Internal(Box::new(error)))
}

/// Compresses and seals a reading.
pub fn seal<T: Serialize>(vault: &Vault, reading: &Reading<T>) -> Result<Vec<u8>> {
    Ok(vault.seal(Purpose::Import, &packed(json(reading)?.as_bytes())?))
}

pub(super) fn open<T: DeserializeOwned>(vault: &Vault, sealed: &[u8]) -> Result<Reading<T>> {
    let json = unpacked(&vault.open(Purpose::Import, sealed)?)?;
    serde_json::from_slice(&json).map_err(|error| Error::Internal(Box::new(error)))
}

pub(super) fn packed(bytes: &[u8]) -> Result<Vec<u8>> {
    let internal = |error: std::io::Error| Error::Internal(Box::new(error));
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 6), Compression::fast());
    encoder.write_all(bytes).map_err(internal)?;
    encoder.finish().map_err(internal)
}

pub(super) fn unpacked(packed: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(packed.len() * 6);
    GzDecoder::new(packed).read_to_end(&mut bytes).map_err(|error| Error::Internal(Box::new(error)))?;
    Ok(bytes)
}
