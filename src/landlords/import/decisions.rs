//! What the clerk decides about the rows of a list of landlords.

use std::collections::{BTreeMap, HashSet};

use super::rows::{ReductionRow, Whole};
use super::{Opened, RentReductions};
use crate::http::Result;
use crate::imports::decisions::ListDecisions;
use crate::imports::staged::by_hand::{self, Decision};
use crate::kernel::Validation;
use crate::kernel::message::Invalid;
use crate::spreadsheet::{Reading, RowStatus};

/// The rows to store, by their places in the reading, and how many others there are of each kind.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    pub(super) new: Vec<usize>,
    pub(super) duplicate: usize,
    pub(super) error: usize,
    pub(super) skipped: usize,
}

/// Sorts the rows by what becomes of them; refuses decisions that name no row or one that can't be stored.
pub(super) fn choose(reading: &Reading<ReductionRow>, decisions: &BTreeMap<String, Decision>) -> Result<Chosen> {
    let mut chosen = Chosen::default();
    let mut fields = Validation::new();
    let mut used = HashSet::new();
    for (at, row) in reading.rows.iter().enumerate() {
        let name = reading.key_of(row.at);
        let decision = decisions.get(&name).copied();
        match (decision, row.status) {
            (Some(Decision::Skip), _) | (None, RowStatus::Skipped) => chosen.skipped += 1,
            (Some(Decision::New), RowStatus::Error | RowStatus::Skipped) => {
                let wrong = Invalid::fixed(
                    "has_errors",
                    "Dòng này còn lỗi hoặc không phải dòng dữ liệu nên chưa lưu được. Hãy sửa dòng này trước.",
                    "This row has errors or is no row of data, so it can't be stored. Correct the row first.",
                );
                fields.push(wrong.at(format!("decisions.{name}")));
            }
            (None, RowStatus::Error) => chosen.error += 1,
            (None, RowStatus::Duplicate) => chosen.duplicate += 1,
            _ => match row.parsed.as_ref().and_then(Whole::of) {
                Some(_) => chosen.new.push(at),
                None => chosen.error += 1,
            },
        }
        used.insert(name);
    }
    for name in decisions.keys().filter(|name| !used.contains(*name)) {
        let wrong = Invalid::fixed("unknown", "Tệp không có dòng này.", "The file has no such row.");
        fields.push(wrong.at(format!("decisions.{name}")));
    }
    fields.finish()?;
    Ok(chosen)
}

impl ListDecisions for RentReductions {
    type Decision = Option<Decision>;

    fn parse_decision(text: &str) -> Option<Option<Decision>> {
        Decision::parse(text)
    }

    fn kept_decision(list: &Opened, place: usize, decision: Option<Decision>) -> Option<Option<String>> {
        by_hand::kept(list.reading.rows[place].status, decision)
    }
}
