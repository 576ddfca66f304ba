//! What a clerk decides about the rows of a list of donors.

use std::collections::{BTreeMap, BTreeSet};

use super::rows::DonationRow;
use super::{Donations, Opened};
use crate::http::{Error, Result};
use crate::imports::decisions::{ListDecisions, is_stored};
use crate::imports::staged::{Decision, KeptDecision, by_hand};
use crate::kernel::Message;
use crate::spreadsheet::Reading;

/// The rows that become donations.
pub(super) fn chosen(
    reading: &Reading<DonationRow>,
    decisions: &BTreeMap<String, Decision>,
) -> Result<Vec<(String, DonationRow)>> {
    let keys: BTreeSet<String> = reading.data().map(|row| reading.key_of(row.at)).collect();
    if let Some(unknown) = unknown_decisions(decisions.keys(), &keys).first() {
        let say = Message::fixed("Không có dòng này trong danh sách.", "The list has no such row.");
        return Err(Error::field(format!("decisions.{unknown}"), "unknown", say));
    }
    let rows = reading.data().filter_map(|row| {
        let key = reading.key_of(row.at);
        let decision = decisions.get(&key).map(|decision| KeptDecision::from(*decision));
        let wanted = is_stored(row.status, decision);
        row.parsed.clone().filter(|_| wanted).map(|parsed| (key, parsed))
    });
    Ok(rows.collect())
}

/// The keys of decisions that name no row.
fn unknown_decisions<'a>(decisions: impl Iterator<Item = &'a String>, keys: &BTreeSet<String>) -> Vec<&'a String> {
    decisions.filter(|key| !keys.contains(*key)).collect()
}

impl ListDecisions for Donations {
    type Decision = Option<Decision>;

    fn parse_decision(text: &str) -> Option<Option<Decision>> {
        Decision::parse(text)
    }

    fn kept_decision(list: &Opened, place: usize, decision: Option<Decision>) -> Option<Option<KeptDecision>> {
        by_hand::kept(list.reading.rows[place].status, decision)
    }
}
