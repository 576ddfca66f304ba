//! What reads the rows of a kind of list.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::kind::ListKind;
use super::staged::Progress;
use super::staged::steps::{Steps, Typed};
use crate::http::{Error, Result, Upload};
use crate::kernel::ids::AreaId;
use crate::kernel::message::Invalid;
use crate::kernel::{Day, Message};
use crate::spreadsheet::{Choice, ListRow, Reading, RowStatus, SheetReading, Vocabulary, Workbook};

/// What reading a file gives: its rows, or why it is no list.
pub type Read<T> = std::result::Result<Reading<T>, Invalid>;

/// How the rows of a kind of list are read. No database: what a file says, however often it is read.
pub trait ListRows: ListKind {
    /// What its columns are called.
    const VOCABULARY: &'static Vocabulary;

    /// What a row is read as.
    type Row: Serialize + DeserializeOwned + Send + Sync + 'static;
    /// The clerk's choices, kept with the list.
    type Options: Clone + Serialize + DeserializeOwned + Send + Sync + 'static;

    /// The choices sent beside a file.
    fn options(upload: &Upload) -> Result<Self::Options>;

    /// The columns chosen by hand.
    fn columns(options: &mut Self::Options) -> &mut Vec<Choice>;

    /// Reads the file.
    fn read(book: &Workbook, options: &Self::Options, today: Day, progress: &Progress) -> Read<Self::Row>;

    /// The fields that may be typed anew.
    fn typed() -> Vec<&'static str> {
        Self::VOCABULARY.names()
    }

    /// Whether any of a row's may be.
    fn correctable(row: &ListRow<Self::Row>) -> bool {
        !row.original.is_empty()
    }

    /// Puts what was typed into a row.
    fn correct(row: &mut ListRow<Self::Row>, sheet: &SheetReading, typed: &Typed, options: &Self::Options, today: Day);

    /// Looks for rows that repeat others once those at `corrected` say something else.
    fn mark_again(rows: &mut [ListRow<Self::Row>], corrected: &[usize]);
}

/// Puts what a clerk typed into the rows; what is twice may be otherwise now.
pub fn correct<K: ListRows>(reading: &mut Reading<K::Row>, steps: &Steps, options: &K::Options, today: Day) {
    let mut corrected = Vec::with_capacity(steps.corrections.len());
    for (at, typed) in &steps.corrections {
        let sheet = reading.sheets.iter().find(|sheet| sheet.sheet == at.sheet);
        if let (Some(sheet), Some(place)) = (sheet, reading.place(*at)) {
            K::correct(&mut reading.rows[place], sheet, typed, options, today);
            corrected.push(place);
        }
    }
    if !corrected.is_empty() {
        K::mark_again(&mut reading.rows, &corrected);
    }
}

/// Makes new rows of those that repeat others, to look for such rows again.
pub fn forget_duplicates<T>(rows: &mut [ListRow<T>]) {
    for row in rows.iter_mut().filter(|row| row.status == RowStatus::Duplicate) {
        (row.status, row.duplicate_of_row) = (RowStatus::New, None);
    }
}

/// The area that a form names for rows that name none.
pub fn area_field(upload: &Upload) -> Result<Option<AreaId>> {
    let text = upload.field("area_id");
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| {
        let say = Message::fixed("Không có khu vực này.", "There is no such area.");
        Error::field("area_id", "unknown", say)
    })
}
