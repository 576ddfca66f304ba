//! What a clerk decides about the rows of a list.

use super::{Households, Opened};
use crate::imports::decisions::ListDecisions;
use crate::imports::staged::KeptDecision;
use crate::kernel::ids::HouseholdId;
use crate::spreadsheet::RowStatus;

/// What is to become of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A household of its own.
    New,
    /// Left out.
    Skip,
    /// It gives the household that it is the same as what that lacks.
    Merge,
    /// The same, with a household that the clerk named.
    Into(HouseholdId),
    /// What the preview says; takes an earlier decision back.
    Back,
}

impl Decision {
    /// `new`, `skip`, `merge`, a household's id, or nothing.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "" => Self::Back,
            "new" => Self::New,
            "skip" => Self::Skip,
            "merge" => Self::Merge,
            id => Self::Into(id.parse().ok()?),
        })
    }
}

/// A decision as it is kept, or nothing when it can't be.
fn kept(list: &Opened, place: usize, decision: Decision) -> Option<Option<KeptDecision>> {
    let status = list.reading.rows[place].status;
    if status == RowStatus::Skipped
        || (status == RowStatus::Error && !matches!(decision, Decision::Skip | Decision::Back))
    {
        return None;
    }
    match decision {
        Decision::Back => Some(None),
        Decision::Skip => Some(Some(KeptDecision::Skip)),
        Decision::New => (!list.matches.is_taken(place)).then_some(Some(KeptDecision::New)),
        Decision::Merge => list.matches.same(place).map(|found| Some(KeptDecision::Into(found.id.0))),
        Decision::Into(id) => Some(Some(KeptDecision::Into(id.0))),
    }
}

impl ListDecisions for Households {
    type Decision = Decision;

    fn parse_decision(text: &str) -> Option<Decision> {
        Decision::parse(text)
    }

    fn kept_decision(list: &Opened, place: usize, decision: Decision) -> Option<Option<KeptDecision>> {
        kept(list, place, decision)
    }
}
