//! What a clerk chooses with a list of households.

use serde::{Deserialize, Serialize};

use crate::kernel::ids::AreaId;
use crate::spreadsheet::Choice;

/// The clerk's choices at the upload.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Options {
    /// The area of rows that name none.
    pub area_id: Option<AreaId>,
    /// The campaign that the list was drawn up for: kept with the import, to tell later where it came from.
    /// Households belong to no campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign_id: Option<uuid::Uuid>,
    /// Columns that were chosen by hand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Choice>,
}
