//! A kind of list that is imported: what its own room says of it. The sequence from the upload to taking the list back
//! is written once, in [`super::sequence`]; its pages in [`super::pages`].

use std::future::Future;
use std::sync::Arc;

use axum::http::StatusCode;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::opened::Opened;
use super::staged::steps::Typed;
use super::staged::{Kind, Progress, StagedList};
use crate::db::{Conn, Tx};
use crate::http::{Core, Result, Upload};
use crate::kernel::Day;
use crate::kernel::ids::ImportId;
use crate::kernel::message::{Invalid, Lang};
use crate::people::{Right, Staff};
use crate::spreadsheet::{Choice, Issue, ListRow, Reading, SheetReading, Vocabulary, Workbook};

/// Who works on a list: a member of staff, or nobody at the command line.
pub type By<'a> = Option<&'a Staff>;

/// What reading a file gives: its rows, or why it is no list.
pub type Read<T> = std::result::Result<Reading<T>, Invalid>;

/// A kind of list.
pub trait ListKind: Sized + Send + Sync + 'static {
    /// What it is stored as.
    const KIND: Kind;
    /// Who may import it.
    const RIGHT: Right;
    /// What the audit log calls an import of it.
    const RECORD: &'static str;
    /// Whether it tells of people: every look is logged, and a login confined to an area sees its own lists only.
    const PERSONAL: bool;
    /// The tables that storing it fills.
    const TABLES: &'static [&'static str];
    /// What its columns are called.
    const VOCABULARY: &'static Vocabulary;
    /// What the commit answers with.
    const COMMITTED: StatusCode = StatusCode::OK;

    /// What a row is read as.
    type Row: Serialize + DeserializeOwned + Send + Sync + 'static;
    /// The clerk's choices, kept with the list.
    type Options: Clone + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What is stored already of what the rows tell; `()` where a list is short enough to ask when they are compared.
    type Found: Default + Send;
    /// How the rows meet what is stored.
    type Met: Send + Sync;
    /// What a clerk decides about a row.
    type Decision: Copy + Send + Sync;
    /// A row with what would become of it, for the API.
    type PreviewRow: Serialize + Send;
    /// The whole list, for the API.
    type Preview: Serialize + Send;
    /// What is said with the commit.
    type CommitBody: Send + Sync;
    /// What a commit did.
    type Counts: Serialize + DeserializeOwned + Send + Sync;
    /// What taking a list back did.
    type Undone: Serialize + Send;

    /// The choices sent beside a file.
    fn options(upload: &Upload) -> Result<Self::Options>;

    /// The columns chosen by hand.
    fn columns(options: &mut Self::Options) -> &mut Vec<Choice>;

    /// Refuses choices that name what does not exist or is out of reach; fills in what is meant when nothing is said.
    fn check(tx: &mut Tx, by: By<'_>, options: &mut Self::Options) -> impl Future<Output = Result<()>> + Send;

    /// Reads the file.
    fn read(book: &Workbook, options: &Self::Options, today: Day, progress: &Progress) -> Read<Self::Row>;

    /// The fields that may be typed anew.
    fn typed() -> Vec<&'static str> {
        Self::VOCABULARY.names()
    }

    /// Whether a row may be.
    fn mendable(row: &ListRow<Self::Row>) -> bool {
        !row.original.is_empty()
    }

    /// Puts what was typed into a row.
    fn correct(row: &mut ListRow<Self::Row>, sheet: &SheetReading, typed: &Typed, options: &Self::Options, today: Day);

    /// Looks for rows that repeat others once those at `mended` say something else.
    fn mark_again(rows: &mut [ListRow<Self::Row>], mended: &[usize]);

    /// Looks up the rows among what is stored, as it is inside a transaction.
    fn look_up(
        _conn: &mut Conn,
        _core: &Core,
        _reading: &Reading<Self::Row>,
    ) -> impl Future<Output = Result<Self::Found>> + Send {
        async { Ok(Self::Found::default()) }
    }

    /// The same before any transaction: nobody's redemption waits while a long list is looked up.
    fn look_up_beside(
        _core: &Core,
        _reading: &Arc<Reading<Self::Row>>,
    ) -> impl Future<Output = Result<Self::Found>> + Send {
        async { Ok(Self::Found::default()) }
    }

    /// Compares the rows with what was found, and marks them.
    fn match_stored(
        conn: &mut Conn,
        core: &Core,
        by: By<'_>,
        list: &StagedList,
        options: &Self::Options,
        reading: &mut Reading<Self::Row>,
        found: Self::Found,
    ) -> impl Future<Output = Result<Self::Met>> + Send;

    /// What else is odd about the file as a whole.
    fn warnings(_conn: &mut Conn, _list: &Opened<Self>) -> impl Future<Output = Result<Vec<Issue>>> + Send {
        async { Ok(Vec::new()) }
    }

    /// The list as the API shows it.
    fn preview(conn: &mut Conn, list: &Opened<Self>, lang: Lang) -> impl Future<Output = Result<Self::Preview>> + Send;

    /// One row as the API shows it, by its place in the reading.
    fn preview_row(list: &Opened<Self>, place: usize, lang: Lang) -> Self::PreviewRow;

    /// A decision of these words; an empty text takes one back.
    fn decision(text: &str) -> Option<Self::Decision>;

    /// A decision about a row as it is kept, nothing to take it back; or that it can't be.
    fn decided(list: &Opened<Self>, place: usize, decision: Self::Decision) -> Option<Option<String>>;

    /// Refuses a commit that this login may not make.
    fn allow(_staff: &Staff, _body: &Self::CommitBody) -> Result<()> {
        Ok(())
    }

    /// Stores a list whose right to be committed was taken.
    fn store(
        tx: &mut Tx,
        core: &Core,
        by: By<'_>,
        list: StagedList,
        body: Self::CommitBody,
    ) -> impl Future<Output = Result<Self::Counts>> + Send;

    /// Removes what a list stored, or says what depends on it.
    fn undo(tx: &mut Tx, core: &Core, id: ImportId) -> impl Future<Output = Result<Self::Undone>> + Send;
}
