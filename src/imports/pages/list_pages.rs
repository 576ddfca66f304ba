//! What the pages of a kind of list show: where they are, their words, what rows say, what forms ask.

use std::future::Future;

use crate::db::Conn;
use crate::http::{Core, Form, Frame, Result, Upload};
use crate::imports::commit::ListCommit;
use crate::imports::decisions::ListDecisions;
use crate::imports::opened::Opened;
use crate::imports::preview::ListPreview;
use crate::imports::undo::ListUndo;
use crate::imports::view;
use crate::kernel::Message;
use crate::kernel::ids::ImportId;
use crate::people::{Permit, Visitor};
use crate::spreadsheet::RowStatus;

/// What the pages call a kind of list.
pub struct Words {
    /// The page above: where, and what it is called. It lists what was stored, with `import_id` that of one list.
    pub above: (&'static str, Message),
    /// The title of the page where a file is dropped.
    pub title: Message,
    /// What is said there.
    pub intro: Message,
    /// Over the form that stores a list.
    pub storing: Message,
    /// Its button.
    pub store: Message,
    /// Where to ask how far the work is, for lists so long that it takes a while.
    pub follow: Option<&'static str>,
    /// A link to what was stored.
    pub stored: Message,
    /// One more link after storing: where, and its words.
    pub next: Option<(&'static str, Message)>,
    /// Why nothing speaks against undoing a list, or what else that does.
    pub undoable: Message,
    /// What keeps a list from being undone, over those that do.
    pub blocked: Message,
    /// The way out then.
    pub way_out: Option<(&'static str, Message)>,
}

/// Something that a list adds up to: what, and how much; without a figure, a sentence.
pub type Fact = (&'static str, String);

/// What a row says, in a reader's words.
#[derive(Default)]
pub struct RowSummary {
    /// Whom it is about.
    pub name: String,
    /// What else it says, in one line.
    pub text: String,
    /// What is odd about it beside its cells.
    pub remarks: Vec<String>,
    /// The stored record that it is the same as: where that is shown, and its words.
    pub same: Option<(String, &'static str)>,
}

/// What may become of a row: value, label, whether chosen.
pub type Choices = Vec<(String, String, bool)>;

/// Something that keeps a list from being undone.
pub struct Blocker {
    /// Where it is shown; empty for nowhere.
    pub href: String,
    pub name: String,
    pub why: String,
}

/// What the pages of a kind of list show.
pub trait ListPages: ListPreview + ListDecisions + ListCommit + ListUndo {
    /// Where they are: `/donations/imports`.
    const PAGE: &'static str;
    /// What they call it.
    const WORDS: &'static Words;
    /// The fields that the form of a file asks beside it.
    const UPLOAD_FIELDS: &'static [&'static str];

    /// Those fields, as HTML.
    fn upload_fields(
        conn: &mut Conn,
        visitor: &Visitor<Self::Right>,
        form: &Form,
    ) -> impl Future<Output = Result<String>> + Send;

    /// Refuses a form in which something must be said that the API takes for granted.
    fn check_upload(_upload: &Upload) -> Result<()> {
        Ok(())
    }

    /// The fields of the form that stores a list, as HTML.
    fn commit_fields(
        conn: &mut Conn,
        visitor: &Visitor<Self::Right>,
        list: &Opened<Self>,
        form: &Form,
    ) -> impl Future<Output = Result<String>> + Send;

    /// What that form says.
    fn commit_body(form: &Form) -> Self::CommitBody;

    /// What a row says.
    fn summary(frame: &Frame, list: &Opened<Self>, place: usize) -> RowSummary;

    /// What may become of a row.
    fn choices(frame: &Frame, list: &Opened<Self>, place: usize) -> Choices {
        let row = &list.reading.rows[place];
        view::store_or_skip(frame, row.status, list.decision(row.at))
    }

    /// What may become of all rows of a status: value, label.
    fn choices_for_all(frame: &Frame, status: RowStatus) -> Vec<(&'static str, &'static str)> {
        view::store_or_skip_all(frame, status)
    }

    /// What storing a list will do, the number of its records first.
    fn outlook(frame: &Frame, list: &Opened<Self>, outlook: view::Outlook) -> Vec<Fact>;

    /// What storing a list did, the number of its records first.
    fn counted(frame: &Frame, counts: &Self::Counts) -> Vec<Fact>;

    /// What undoing a list will do.
    fn undoing(frame: &Frame, counts: &Self::Counts) -> Vec<Fact>;

    /// What keeps a list from being undone; what is out of reach is not named. Changes nothing.
    fn blockers(
        core: &Core,
        frame: &Frame,
        permit: &Permit<Self::Right>,
        id: ImportId,
    ) -> impl Future<Output = Result<Vec<Blocker>>> + Send;
}

pub(super) fn page_of<K: ListPages>(id: ImportId) -> String {
    format!("{}/{id}", K::PAGE)
}
