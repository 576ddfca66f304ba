//! What a clerk decides about a row, and how it is kept until the commit.

use std::fmt;

use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::kernel::text_column::text_column;
use crate::kernel::text_enum::text_enum;

text_enum! {
    /// What becomes of one row.
    #[schema(as = ImportDecision)]
    pub enum Decision {
        /// Store it, though it looks like a duplicate.
        New = "new",
        /// Leave it out.
        Skip = "skip",
    }
}

impl Decision {
    /// A decision, or none where the text is empty.
    pub fn parse(text: &str) -> Option<Option<Self>> {
        match text {
            "" => Some(None),
            name => Self::from_name(name).map(Some),
        }
    }
}

/// A decision about a row: `new`, `skip`, or the id of the record that it is the same as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptDecision {
    /// Store it, though it looks like a duplicate.
    New,
    /// Leave it out.
    Skip,
    /// It tells of this record.
    Into(Uuid),
}

impl From<Decision> for KeptDecision {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::New => Self::New,
            Decision::Skip => Self::Skip,
        }
    }
}

impl fmt::Display for KeptDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New => f.write_str(Decision::New.name()),
            Self::Skip => f.write_str(Decision::Skip.name()),
            Self::Into(id) => id.fmt(f),
        }
    }
}

impl std::str::FromStr for KeptDecision {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match Decision::from_name(text) {
            Some(decision) => Ok(decision.into()),
            None => text.parse().map(Self::Into).map_err(|_| "it is no decision about a row"),
        }
    }
}

impl Serialize for KeptDecision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

text_column!(KeptDecision);
