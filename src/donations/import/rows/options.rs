//! What a clerk chooses with a list of donors.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::http::{Error, Result};
use crate::kernel::Message;
use crate::kernel::ids::{CampaignId, PointId};
use crate::spreadsheet::Choice;
use crate::spreadsheet::values::MoneyUnit;

/// What the clerk says about a list.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Options {
    /// The unit of its money columns.
    #[serde(default)]
    pub unit: MoneyUnit,
    pub campaign_id: Option<CampaignId>,
    /// Where its goods enter stock.
    pub point_id: Option<PointId>,
    /// Columns chosen by hand.
    #[serde(default)]
    pub columns: Vec<Choice>,
}

impl Options {
    pub fn of(fields: &BTreeMap<String, String>) -> Result<Self> {
        let wrong = |field: &'static str| {
            let say = Message::fixed(
                "Lựa chọn chưa đúng: unit là «đồng» hoặc «nghìn đồng»; campaign_id, point_id là mã.",
                "An option is not right: unit is “đồng” or “nghìn đồng”; campaign_id and point_id are ids.",
            );
            Error::field(field, "unknown_value", say)
        };
        let filled = |name: &str| fields.get(name).filter(|text| !text.is_empty());
        let mut options: Self = match filled("options") {
            None => Self::default(),
            Some(text) => serde_json::from_str(text).map_err(|_| wrong("options"))?,
        };
        if let Some(unit) = filled("unit") {
            options.unit = serde_json::from_value(json!(unit)).map_err(|_| wrong("unit"))?;
        }
        if let Some(id) = filled("campaign_id") {
            options.campaign_id = Some(id.parse().map_err(|_| wrong("campaign_id"))?);
        }
        if let Some(id) = filled("point_id") {
            options.point_id = Some(id.parse().map_err(|_| wrong("point_id"))?);
        }
        Ok(options)
    }
}

/// What of it changes how rows are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadOptions {
    /// The unit of the money columns.
    #[serde(default)]
    pub unit: MoneyUnit,
}
