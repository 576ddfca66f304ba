//! A list that is kept: found, read again, taken to be committed, marked as undone.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::conflicts::{already_committed, expired};
use super::file::{ReadFile, Sealed};
use super::seal::{json, open, seal, unpacked};
use super::steps;
use super::store::{self, Earlier, StagedList};
use crate::db::{Conn, JsonText, Tx};
use crate::http::{Core, Error, Result};
use crate::imports::kind::Kind;
use crate::kernel::Message;
use crate::kernel::ids::ImportId;
use crate::kernel::message::Lang;
use crate::spreadsheet::annotate::error_workbook;
use crate::spreadsheet::issue::file_issue;
use crate::spreadsheet::{Issue, Reading, Totals};
use crate::vault::Purpose;

/// Who uploads, and what they chose.
pub struct Uploaded<'a, O> {
    pub file_name: String,
    /// The clerk's choices, kept as JSON.
    pub options: &'a O,
    /// The member of staff; nothing for the command line.
    pub by: Option<Uuid>,
}

/// Keeps a read list until it is committed or too old.
pub async fn stage<T, O: Serialize>(
    tx: &mut Tx,
    core: &Core,
    uploaded: Uploaded<'_, O>,
    (file, sealed): (ReadFile<T>, Sealed),
) -> Result<(StagedList, Reading<T>)> {
    let list = StagedList {
        id: ImportId::new(&core.clock),
        kind: file.kind,
        file_name: uploaded.file_name,
        file_hash: file.file_hash,
        options: json(uploaded.options)?,
        staged: None,
        totals: JsonText(file.reading.totals()),
        created_by: uploaded.by,
        created_at: core.clock.now(),
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
    list.totals = JsonText(file.reading.totals());
    if !store::replace(tx, list.id, sealed.0, list.options.clone(), list.totals).await? {
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
    Ok(store::earlier(conn, kind, only_of, limit, offset).await?)
}

/// Marks a committed list as undone: exactly one caller gets so far, however many try.
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
    let list = store::list(conn, kind, id).await?.ok_or(Error::NotFound)?;
    if only_of.is_some() && list.created_by != only_of { Err(Error::NotFound) } else { Ok(list) }
}

/// Takes the right to commit a list: exactly one caller gets it, however many try, and commits of one kind go one
/// after another.
pub async fn take(tx: &mut Tx, core: &Core, list: &StagedList, by: Option<Uuid>) -> Result<()> {
    store::lock_open(tx, list.kind).await?;
    if !store::take(tx, list.id, by, core.clock.now()).await? {
        return Err(already_committed());
    }
    store::forget_file(tx, list.id).await?;
    Ok(())
}

/// What is left of a list once it is committed.
pub enum Left<T> {
    /// All of it, to be looked at.
    All,
    /// Nothing: what is stored needs no second copy. How many rows of each kind there were.
    Nothing(Totals),
    /// What the clerk still has to correct; how many rows of each kind there were.
    Rows(Reading<T>, Totals),
}

/// Keeps what is left of a committed list, and what the commit did.
pub async fn finish<T: Serialize>(
    tx: &mut Tx,
    core: &Core,
    id: ImportId,
    left: Left<T>,
    counts: &impl Serialize,
) -> Result<()> {
    let kept = match left {
        Left::All => None,
        Left::Nothing(totals) => Some((None, totals)),
        Left::Rows(rows, totals) => Some((Some(seal(&core.vault, &rows)?), totals)),
    };
    if let Some((staged, totals)) = kept {
        store::keep(tx, id, staged, json(&totals)?).await?;
        steps::forget(tx, id).await?;
    }
    store::keep_counts(tx, id, json(counts)?).await?;
    Ok(())
}

impl StagedList {
    /// The clerk's choices.
    pub fn options<O: DeserializeOwned>(&self) -> Result<O> {
        serde_json::from_str(&self.options).map_err(|_| self.unreadable("options"))
    }

    /// What the commit did.
    pub fn counts<C: DeserializeOwned>(&self) -> Result<Option<C>> {
        let counts = self.counts.as_deref().map(serde_json::from_str);
        counts.transpose().map_err(|_| self.unreadable("counts"))
    }

    fn unreadable(&self, column: &str) -> Error {
        Error::internal(format!("column {column} of table imports, row {}, is not the JSON that it should be", self.id))
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
