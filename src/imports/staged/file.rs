//! A file that was read, before it is kept.

use std::sync::Arc;

use axum::body::Bytes;
use serde::Serialize;

use super::seal::{packed, seal};
use crate::http::{Core, Error, Result};
use crate::imports::kind::Kind;
use crate::imports::sandbox;
use crate::kernel::message::Invalid;
use crate::spreadsheet::{Reading, Workbook};
use crate::vault::{Purpose, sha256};

/// A file that was read.
pub struct ReadFile<T> {
    /// Its rows.
    pub reading: Arc<Reading<T>>,
    pub(super) kind: Kind,
    /// The file itself, sealed.
    pub(super) source: Vec<u8>,
    pub(super) file_hash: Vec<u8>,
}

/// Opens a file apart from this process and reads its rows on a thread of their own. A file that is no list is refused
/// with the reason.
pub async fn read_file<T, F>(core: &Core, kind: Kind, bytes: Bytes, read: F) -> Result<ReadFile<T>>
where
    T: Serialize + Send + Sync + 'static,
    F: FnOnce(&Workbook) -> std::result::Result<Reading<T>, Invalid> + Send + 'static,
{
    let (reading, (source, file_hash)) =
        tokio::try_join!(read_rows(core, kind, bytes.clone(), read), source(core, bytes))?;
    Ok(ReadFile { reading: Arc::new(reading), kind, source, file_hash })
}

async fn read_rows<T, F>(core: &Core, kind: Kind, bytes: Bytes, read: F) -> Result<Reading<T>>
where
    T: Send + 'static,
    F: FnOnce(&Workbook) -> std::result::Result<Reading<T>, Invalid> + Send + 'static,
{
    let workbook = sandbox::open(core, bytes).await?;
    let read = tokio::task::spawn_blocking(move || {
        let reading = read(&workbook).map_err(|wrong| wrong.at("file"))?;
        // A million small texts are given back beside what follows.
        rayon::spawn(move || drop(workbook));
        if reading.data().next().is_none() { Err(kind.no_rows()) } else { Ok(reading) }
    });
    read.await.map_err(|error| Error::Internal(Box::new(error)))?
}

/// The file as it is kept, and what it is recognised by.
async fn source(core: &Core, bytes: Bytes) -> Result<(Vec<u8>, Vec<u8>)> {
    let core = core.clone();
    let kept =
        tokio::task::spawn_blocking(move || Ok((core.vault.seal(Purpose::Import, &packed(&bytes)?), sha256(&bytes))));
    kept.await.map_err(|error| Error::Internal(Box::new(error)))?
}

impl<T: Serialize + Send + Sync + 'static> ReadFile<T> {
    /// Its rows, compressed and sealed on a thread of its own.
    pub async fn sealed(&self, core: &Core) -> Result<Sealed> {
        let (core, reading) = (core.clone(), Arc::clone(&self.reading));
        let sealed = tokio::task::spawn_blocking(move || seal(&core.vault, &reading));
        Ok(Sealed(sealed.await.map_err(|error| Error::Internal(Box::new(error)))??))
    }
}

/// The sealed rows of a file.
pub struct Sealed(pub(super) Vec<u8>);
