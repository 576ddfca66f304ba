//! Which rows of the lists of areas and points are asked for.

use serde::Deserialize;

use crate::http::Turn;

/// Which rows of a list are asked for.
#[derive(Debug, Default, Deserialize)]
pub(in crate::places) struct ListQuery {
    #[serde(flatten)]
    pub(in crate::places) turn: Turn,
    /// `1`: closed ones too.
    #[serde(default)]
    closed: String,
}

impl ListQuery {
    pub(in crate::places) fn closed(&self) -> bool {
        self.closed == "1"
    }
}
