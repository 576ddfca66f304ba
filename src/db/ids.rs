//! Ids as rows of a bound table, for statements about many records.

use serde::Serialize;

/// A record's id as a row of a bound table.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct IdRow<T> {
    pub id: T,
}

/// Ids as rows of a bound table.
pub fn id_rows<'a, T: Copy + 'a>(ids: impl IntoIterator<Item = &'a T>) -> Vec<IdRow<T>> {
    ids.into_iter().map(|id| IdRow { id: *id }).collect()
}
