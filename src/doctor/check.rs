//! How one check of the doctor came out.

use serde::Serialize;

use crate::kernel::Message;

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Good,
    /// Goes on, but someone should look.
    Warning,
    /// Wrong: what is stored can't be relied on, or the service can't run.
    Trouble,
}

/// One thing that was looked at.
#[derive(Debug)]
pub struct Check {
    /// Stable, machine-readable.
    pub name: &'static str,
    /// How it came out.
    pub state: State,
    /// What was found, with the way out.
    pub say: Message,
}

impl Check {
    pub(super) fn good(name: &'static str, vi: &'static str, en: &'static str) -> Self {
        Self { name, state: State::Good, say: Message::fixed(vi, en) }
    }

    /// Something is wrong.
    pub fn trouble(name: &'static str, say: Message) -> Self {
        Self { name, state: State::Trouble, say }
    }

    pub(super) fn warning(name: &'static str, say: Message) -> Self {
        Self { name, state: State::Warning, say }
    }
}
