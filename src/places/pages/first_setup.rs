//! The first set-up leads through pages of areas and points, one after the other.

use serde::Deserialize;

/// Whether a page is a step of the first set-up: then the next step follows it.
#[derive(Debug, Default, Deserialize)]
pub(in crate::places) struct FirstSetup {
    #[serde(default)]
    start: String,
}

impl FirstSetup {
    pub(in crate::places) fn start(&self) -> Option<&'static str> {
        (self.start == "1").then_some("1")
    }
}
