//! A row of a file: where it stands, what becomes of it, what was read.
//!
//! It holds personal data; so a row has no `Debug`.

use serde::{Deserialize, Serialize};

use super::classify::Skip;
use super::issue::Issue;

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowStatus {
    /// To be stored as new.
    New,
    /// To change a stored record; set by the store, never by reading.
    Update,
    /// The same as another row or a stored record.
    Duplicate,
    /// A value can't be what its column says.
    Error,
    /// No row of data.
    Skipped,
}

/// A row's place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RowAt {
    /// The sheet, from 0.
    pub sheet: usize,
    /// The row's number in the file, from 1.
    pub row: u32,
}

/// One row of the file.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ListRow<T> {
    /// Where it stands.
    #[serde(flatten)]
    pub at: RowAt,
    /// What becomes of it.
    pub status: RowStatus,
    /// Why it was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<Skip>,
    /// What is wrong; none unless the status is `error`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Issue>,
    /// What is odd but no hindrance.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Issue>,
    /// The row of the file that is the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicate_of_row: Option<RowAt>,
    /// What was read. In a row with errors, fields that are wrong are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parsed: Option<T>,
    /// The cells of a row with errors as the file shows them, to hand back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub original: Vec<String>,
}

impl<T> ListRow<T> {
    pub(super) fn map<U>(self, what: impl FnOnce(T) -> U) -> ListRow<U> {
        ListRow {
            at: self.at,
            status: self.status,
            skipped: self.skipped,
            errors: self.errors,
            warnings: self.warnings,
            duplicate_of_row: self.duplicate_of_row,
            parsed: self.parsed.map(what),
            original: self.original,
        }
    }

    pub(super) fn skipped(at: RowAt, why: Skip) -> Self {
        Self {
            at,
            status: RowStatus::Skipped,
            skipped: Some(why),
            errors: Vec::new(),
            warnings: Vec::new(),
            duplicate_of_row: None,
            parsed: None,
            original: Vec::new(),
        }
    }
}
