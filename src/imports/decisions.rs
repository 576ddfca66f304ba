//! What a clerk decides about rows before they are stored.

use super::matching::ListMatching;
use super::opened::Opened;
use crate::spreadsheet::RowStatus;

/// What a clerk may decide about the rows of a kind of list.
pub trait ListDecisions: ListMatching {
    /// What a clerk decides about a row.
    type Decision: Copy + Send + Sync;

    /// A decision of these words; an empty text takes one back.
    fn parse_decision(text: &str) -> Option<Self::Decision>;

    /// A decision about a row as it is kept, nothing to take it back; or that it can't be.
    fn kept_decision(list: &Opened<Self>, place: usize, decision: Self::Decision) -> Option<Option<String>>;
}

impl<K: ListMatching> Opened<K> {
    /// The rows that are stored as it was decided so far, of a kind whose rows are stored as they stand or left out.
    pub fn stored(&self) -> impl Iterator<Item = &K::Row> {
        let rows = self.reading.data().filter(|row| is_stored(row.status, self.decision(row.at)));
        rows.filter_map(|row| row.parsed.as_ref())
    }
}

/// Whether a row of this status is stored, of a kind whose rows are stored as they stand or left out.
pub fn is_stored(status: RowStatus, decision: Option<&str>) -> bool {
    match status {
        RowStatus::New => decision != Some("skip"),
        RowStatus::Duplicate => decision == Some("new"),
        RowStatus::Update | RowStatus::Error | RowStatus::Skipped => false,
    }
}
