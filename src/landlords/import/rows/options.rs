//! What a clerk chooses with a list of landlords.

use serde::{Deserialize, Serialize};

use crate::kernel::ids::AreaId;
use crate::spreadsheet::Choice;

/// What is kept of the upload beside its rows.
#[derive(Clone, Serialize, Deserialize)]
pub struct Options {
    /// The area of rows that name none, checked.
    pub area_id: Option<AreaId>,
    /// Columns chosen by hand.
    #[serde(default)]
    pub columns: Vec<Choice>,
}
