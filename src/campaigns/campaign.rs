//! What a campaign is.

use serde::Serialize;

use crate::kernel::ids::CampaignId;
use crate::kernel::{Day, Moment};

/// A campaign.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Campaign {
    /// Its id.
    pub id: CampaignId,
    /// Its name.
    #[schema(example = "San sẻ yêu thương, vượt qua đại dịch")]
    pub name: String,
    /// Its first day.
    pub starts_on: Day,
    /// Its last day.
    pub ends_on: Day,
    /// Days before the same household may receive again; null when it may at once.
    #[schema(example = 14)]
    pub interval_days: Option<i64>,
    /// When it was registered.
    pub created_at: Moment,
}
