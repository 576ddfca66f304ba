//! All there are of something, or some of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use crate::http::{Error, Result};

/// All there are, or these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Within<T: Ord> {
    /// The whole ward's.
    #[default]
    All,
    /// These only; none when it is empty.
    These(Arc<BTreeSet<T>>),
}

/// An id as a row of a bound table.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct WithinRow<T> {
    id: T,
}

impl<T: Ord + Copy> Within<T> {
    /// These only.
    pub fn these(ids: impl IntoIterator<Item = T>) -> Self {
        Self::These(Arc::new(ids.into_iter().collect()))
    }

    /// Whether one lies within.
    pub fn holds(&self, id: T) -> bool {
        match self {
            Self::All => true,
            Self::These(ids) => ids.contains(&id),
        }
    }

    /// Whether nothing lies outside.
    pub const fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }

    /// Refuses what lies outside.
    pub fn require(&self, id: T) -> Result<()> {
        if self.holds(id) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Only those of `ids` that lie within.
    #[must_use]
    pub fn narrowed(&self, ids: impl IntoIterator<Item = T>) -> Self {
        Self::these(ids.into_iter().filter(|id| self.holds(*id)))
    }

    /// Whether one of these lies within.
    pub fn holds_one(&self, ids: impl IntoIterator<Item = T>) -> bool {
        self.is_all() || ids.into_iter().any(|id| self.holds(id))
    }

    /// Each of them as a row for SQL; none when all lie within, which [`Self::is_all`] tells the text.
    pub fn rows(&self) -> Vec<WithinRow<T>> {
        match self {
            Self::All => Vec::new(),
            Self::These(ids) => ids.iter().map(|id| WithinRow { id: *id }).collect(),
        }
    }

    /// Each of them; nothing: all.
    pub fn ids(&self) -> Option<Vec<T>> {
        match self {
            Self::All => None,
            Self::These(ids) => Some(ids.iter().copied().collect()),
        }
    }
}
