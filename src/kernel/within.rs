//! All there are of something, or some of them.

use std::collections::BTreeSet;
use std::sync::Arc;

/// All there are, or these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Within<T: Ord> {
    /// The whole ward's.
    #[default]
    All,
    /// These only; none when it is empty.
    These(Arc<BTreeSet<T>>),
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

    /// Only those of `ids` that lie within.
    #[must_use]
    pub fn narrowed(&self, ids: impl IntoIterator<Item = T>) -> Self {
        Self::these(ids.into_iter().filter(|id| self.holds(*id)))
    }

    /// Whether one of these lies within.
    pub fn holds_one(&self, ids: impl IntoIterator<Item = T>) -> bool {
        self.is_all() || ids.into_iter().any(|id| self.holds(id))
    }

    /// Each of them; nothing: all.
    pub fn ids(&self) -> Option<Vec<T>> {
        match self {
            Self::All => None,
            Self::These(ids) => Some(ids.iter().copied().collect()),
        }
    }
}
