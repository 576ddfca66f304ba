//! A file that was sent, read and looked up among what is stored before anything is written: nobody's redemption waits
//! while that goes on.

use axum::body::Bytes;

use super::form;
use super::kind::By;
use super::matching::ListMatching;
use super::rows::ListRows;
use super::scope::find;
use super::staged::{self, Progress, ReadFile, Sealed};
use crate::http::{Core, Idempotency, ImportTurn, Result, Upload};
use crate::kernel::ids::ImportId;
use crate::spreadsheet::{Choice, Workbook};

/// A list that was read and looked up among what is stored.
pub struct LookedUp<K: ListMatching> {
    pub(super) file: (ReadFile<K::Row>, Sealed),
    pub(super) found: K::Found,
}

/// A list ready to be kept. Holds its turn among those that are read.
pub struct Sent<K: ListMatching> {
    pub(super) file_name: String,
    pub(super) options: K::Options,
    pub(super) list: LookedUp<K>,
    _turn: ImportTurn,
}

/// A list read anew with other columns. Holds its turn.
pub struct Reread<K: ListRows> {
    pub(super) options: K::Options,
    pub(super) file: (ReadFile<K::Row>, Sealed),
    _turn: ImportTurn,
}

/// Reads an upload; with what makes it count once. One that is no list is refused with the reason.
pub async fn sent<K: ListMatching>(core: &Core, upload: Upload) -> Result<(Idempotency, Sent<K>)> {
    let options = K::options(&upload)?;
    // A page asks meanwhile how far it is.
    let progress = Progress::followed(core, upload.field("progress"));
    let turn = core.imports.turn().await?;
    let list = look_up::<K>(core, upload.bytes, options.clone(), progress).await?;
    Ok((upload.once, Sent { file_name: upload.file_name, options, list, _turn: turn }))
}

/// Reads a file with the clerk's choices and looks its rows up. One that is no list is refused with the reason.
pub async fn look_up<K: ListMatching>(
    core: &Core,
    bytes: Bytes,
    options: K::Options,
    progress: Progress,
) -> Result<LookedUp<K>> {
    let file = read::<K>(core, bytes, options, progress).await?;
    let (sealed, found) = tokio::try_join!(file.sealed(core), K::look_up_beside(core, &file.reading))?;
    Ok(LookedUp { file: (file, sealed), found })
}

/// Reads the file of a kept list again with columns chosen by hand; `choose` says what else is chosen anew.
pub async fn reread<K: ListRows>(
    core: &Core,
    by: By<'_, K>,
    id: ImportId,
    columns: Vec<Choice>,
    choose: impl FnOnce(&mut K::Options) + Send,
) -> Result<Reread<K>> {
    let turn = core.imports.turn().await?;
    let mut conn = core.db.read().await?;
    let list = find::<K>(&mut conn, by, id).await?;
    let bytes = staged::file(&mut conn, core, &list).await?;
    drop(conn);
    let mut options: K::Options = list.options()?;
    choose(&mut options);
    let chosen = K::columns(&mut options);
    *chosen = form::added(std::mem::take(chosen), columns);
    let file = read::<K>(core, bytes, options.clone(), Progress::default()).await?;
    let sealed = file.sealed(core).await?;
    Ok(Reread { options, file: (file, sealed), _turn: turn })
}

async fn read<K: ListRows>(
    core: &Core,
    bytes: Bytes,
    options: K::Options,
    progress: Progress,
) -> Result<ReadFile<K::Row>> {
    let today = core.clock.today();
    let read = move |book: &Workbook| K::read(book, &options, today, &progress);
    staged::read_file(core, K::KIND, bytes, read).await
}
