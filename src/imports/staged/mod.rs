//! A list between upload and commit: read once, kept sealed for some days, committed by exactly one caller.
//!
//! Shared by every kind of list. What a row becomes is decided by the list's own room; this keeps the file's rows,
//! recognises a file that came before, and lets one commit through however many try.

pub mod by_hand;
pub mod progress;
pub mod steps;
mod store;

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

pub use progress::Progress;
pub use store::{Earlier, StagedList, keep, keep_counts};

use super::sandbox;
use crate::db::{Conn, Tx};
use crate::http::{Core, Error, Result};
use crate::kernel::Message;
use crate::kernel::ids::ImportId;
use crate::kernel::message::{Invalid, Lang};
use crate::spreadsheet::annotate::error_workbook;
use crate::spreadsheet::issue::file_issue;
use crate::spreadsheet::{Issue, Reading, Totals, Workbook};
use crate::vault::{Purpose, Vault, sha256};

/// Days that an uploaded list is kept.
const KEPT_DAYS: i64 = 7;

/// What a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Households.
    Households,
    /// Donations.
    Donations,
    /// Rent reductions.
    RentReductions,
}

impl Kind {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Households => "households",
            Self::Donations => "donations",
            Self::RentReductions => "rent_reductions",
        }
    }

    /// When a file of this kind holds no row of data.
    fn no_rows(self) -> Error {
        let (vi, en) = match self {
            Self::Households => ("hộ nào", "household"),
            Self::Donations => ("khoản ủng hộ nào", "donation"),
            Self::RentReductions => ("chủ trọ nào", "landlord"),
        };
        let say = Message::new(
            format!("Tệp không có {vi} dưới dòng tiêu đề. Kiểm tra lại có đúng tệp danh sách không."),
            format!("The file has no {en} below its header. Check that it is the right list."),
        );
        Error::field("file", "no_rows", say)
    }
}

/// A file that was read.
pub struct ReadFile<T> {
    /// Its rows.
    pub reading: Arc<Reading<T>>,
    kind: Kind,
    source: Vec<u8>,
    file_hash: Vec<u8>,
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
pub struct Sealed(Vec<u8>);

/// Who uploads, and what they chose.
pub struct Uploaded<'a, O> {
    /// The file's name.
    pub file_name: String,
    /// The clerk's choices, kept as JSON.
    pub options: &'a O,
    /// The member of staff; nothing for the command line.
    pub by: Option<Uuid>,
}

/// Keeps a read list until it is committed or too old. Forgets the rows of older lists on the way.
pub async fn stage<T, O: Serialize>(
    tx: &mut Tx,
    core: &Core,
    uploaded: Uploaded<'_, O>,
    (file, sealed): (ReadFile<T>, Sealed),
) -> Result<(StagedList, Reading<T>)> {
    let now = core.clock.now();
    let too_old = now.plus_secs(-KEPT_DAYS * 86_400);
    store::forget(tx, too_old).await?;
    store::forget_files(tx, too_old).await?;
    store::forget_old_steps(tx, too_old).await?;
    let list = StagedList {
        id: ImportId::new(&core.clock),
        kind: file.kind.name().to_owned(),
        file_name: uploaded.file_name,
        file_hash: file.file_hash,
        options: json(uploaded.options)?,
        staged: None,
        totals: json(&file.reading.totals())?,
        created_by: uploaded.by,
        created_at: now,
        committed_at: None,
        counts: None,
        undone_at: None,
    };
    store::insert(tx, &list, sealed.0).await?;
    store::keep_file(tx, list.id, file.source).await?;
    Ok((list, Arc::into_inner(file.reading).expect("its rows were sealed and looked up, and nobody holds them now")))
}

/// The file of an open list, to be read again with other columns.
pub async fn file(conn: &mut Conn, core: &Core, list: &StagedList) -> Result<Bytes> {
    let Some(sealed) = store::file(conn, list.id).await? else {
        return Err(if list.committed_at.is_some() { already_committed() } else { expired() });
    };
    let core = core.clone();
    let opened = tokio::task::spawn_blocking(move || unpacked(&core.vault.open(Purpose::Import, &sealed)?));
    opened.await.map_err(|error| Error::Internal(Box::new(error)))?.map(Bytes::from)
}

/// Puts another reading of the same file in place of the first, and forgets what was typed and decided about that.
pub async fn restage<T, O: Serialize>(
    tx: &mut Tx,
    list: &mut StagedList,
    options: &O,
    (file, sealed): (ReadFile<T>, Sealed),
) -> Result<()> {
    list.options = json(options)?;
    list.totals = json(&file.reading.totals())?;
    if !store::replace(tx, list.id, sealed.0, list.options.clone(), list.totals.clone()).await? {
        return Err(already_committed());
    }
    steps::forget(tx, list.id).await?;
    Ok(())
}

/// Uploaded lists of a kind, newest first; with `only_of`, those that this member of staff uploaded.
pub async fn earlier(
    conn: &mut Conn,
    kind: Kind,
    only_of: Option<Uuid>,
    limit: i64,
    offset: i64,
) -> Result<Vec<Earlier>> {
    Ok(store::earlier(conn, kind.name(), only_of, limit, offset).await?)
}

/// Marks a committed list as taken back: exactly one caller gets so far, however many try.
pub async fn undo(tx: &mut Tx, core: &Core, list: &StagedList, by: Option<Uuid>) -> Result<()> {
    if store::undo(tx, list.id, by, core.clock.now()).await? {
        return Ok(());
    }
    Err(if list.committed_at.is_none() {
        Error::conflict(
            "not_committed",
            "Danh sách này chưa ghi vào sổ nên không có gì để hoàn tác.",
            "This list was not committed: there is nothing to take back.",
        )
    } else {
        Error::conflict("already_undone", "Danh sách này đã được hoàn tác rồi.", "This list was taken back already.")
    })
}

/// An uploaded list. With `only_of`, one that somebody else uploaded is not found.
pub async fn find(conn: &mut Conn, kind: Kind, id: ImportId, only_of: Option<Uuid>) -> Result<StagedList> {
    let list = store::list(conn, kind.name(), id).await?.ok_or(Error::NotFound)?;
    if only_of.is_some() && list.created_by != only_of { Err(Error::NotFound) } else { Ok(list) }
}

/// Takes the right to commit a list: exactly one caller gets it, however many try, and commits of one kind go one
/// after another.
pub async fn take(tx: &mut Tx, core: &Core, list: &StagedList, by: Option<Uuid>) -> Result<()> {
    store::lock_open(tx, list.kind.clone()).await?;
    if !store::take(tx, list.id, by, core.clock.now()).await? {
        return Err(already_committed());
    }
    store::forget_file(tx, list.id).await?;
    Ok(())
}

fn already_committed() -> Error {
    Error::conflict(
        "already_committed",
        "Danh sách này đã được ghi rồi, không ghi lại lần nữa.",
        "This list was committed already and is not stored again.",
    )
}

impl StagedList {
    /// The clerk's choices.
    pub fn options<O: DeserializeOwned>(&self) -> Result<O> {
        serde_json::from_str(&self.options).map_err(|error| Error::Internal(Box::new(error)))
    }

    /// Rows by status, as they were kept last.
    pub fn totals(&self) -> Totals {
        serde_json::from_str(&self.totals).unwrap_or_default()
    }

    /// Opens the kept rows, once; says so when they are gone.
    pub async fn reading<T: DeserializeOwned + Send + 'static>(&mut self, core: &Core) -> Result<Reading<T>> {
        let Some(sealed) = self.staged.take() else {
            return Err(if self.committed_at.is_some() { already_committed() } else { expired() });
        };
        let core = core.clone();
        let opened = tokio::task::spawn_blocking(move || open(&core.vault, &sealed));
        opened.await.map_err(|error| Error::Internal(Box::new(error)))?
    }

    /// The warning `same_file`, when the very same file came before.
    pub async fn same_file(&self, conn: &mut Conn) -> Result<Option<Issue>> {
        let before = store::same_file(conn, self).await?;
        Ok(before.map(|(at, committed_at)| {
            let (when, vi, en) = match committed_at {
                Some(when) => (when, "đã được ghi vào sổ lúc", "was committed at"),
                None => (at, "đã được tải lên, nhưng chưa ghi, lúc", "was uploaded, but not committed, at"),
            };
            let when = when.for_people();
            file_issue(
                "same_file",
                Message::new(format!("Tệp này {vi} {when}."), format!("This very file {en} {when}.")),
            )
        }))
    }
}

fn expired() -> Error {
    Error::conflict(
        "import_expired",
        "Danh sách này tải lên đã quá 7 ngày nên không còn được giữ. Hãy tải tệp lên lại.",
        "This list was uploaded more than 7 days ago and is not kept any more. Upload the file again.",
    )
}

/// The rows with errors as a workbook to download.
pub async fn errors_download<T: Send + 'static>(reading: Reading<T>, lang: Lang) -> Result<Response> {
    let written = tokio::task::spawn_blocking(move || error_workbook(&reading, lang));
    let bytes = written
        .await
        .map_err(|error| Error::Internal(Box::new(error)))?
        .map_err(|wrong| Error::internal(wrong.say.en))?;
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"dong-loi.xlsx\""),
    ];
    Ok((headers, bytes).into_response())
}

/// A value as the JSON text that is stored.
pub fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Internal(Box::new(error)))
}

/// Compresses and seals a reading.
pub fn seal<T: Serialize>(vault: &Vault, reading: &Reading<T>) -> Result<Vec<u8>> {
    Ok(vault.seal(Purpose::Import, &packed(json(reading)?.as_bytes())?))
}

fn open<T: DeserializeOwned>(vault: &Vault, sealed: &[u8]) -> Result<Reading<T>> {
    let json = unpacked(&vault.open(Purpose::Import, sealed)?)?;
    serde_json::from_slice(&json).map_err(|error| Error::Internal(Box::new(error)))
}

fn packed(bytes: &[u8]) -> Result<Vec<u8>> {
    let internal = |error: std::io::Error| Error::Internal(Box::new(error));
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 6), Compression::fast());
    encoder.write_all(bytes).map_err(internal)?;
    encoder.finish().map_err(internal)
}

fn unpacked(packed: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(packed.len() * 6);
    GzDecoder::new(packed).read_to_end(&mut bytes).map_err(|error| Error::Internal(Box::new(error)))?;
    Ok(bytes)
}
