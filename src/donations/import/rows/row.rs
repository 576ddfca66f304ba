//! A row of a list of donors: who gave what, and when.

use serde::{Deserialize, Serialize};

use super::donor::Donor;
use super::things::DonationLine;
use crate::kernel::Day;

/// A row of a list of donors. In a row with errors, what is wrong is left out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DonationRow {
    /// Who gave; nothing when the name is missing.
    pub donor: Option<Donor>,
    /// When it was received; nothing when the list does not say.
    pub received_on: Option<Day>,
    /// What was given: one thing, or several in one cell, or goods and cash in two columns.
    pub lines: Vec<DonationLine>,
    /// A condition that the donor made.
    pub condition: Option<String>,
    /// Remarks.
    pub note: Option<String>,
}
