//! What a campaign is, and what makes one.

use serde::{Deserialize, Serialize};

use crate::http::schemas::Name;
use crate::http::{Result, given};
use crate::kernel::ids::CampaignId;
use crate::kernel::message::Invalid;
use crate::kernel::{Day, Moment, Validation};
use crate::places::parse_name;

/// Most days between two gifts: ten years.
const INTERVAL_DAYS_MAX: i64 = 3650;

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

/// A campaign to register.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"name": "San sẻ yêu thương, vượt qua đại dịch", "starts_on": "2021-08-01",
    "ends_on": "2021-09-30", "interval_days": 14}))]
pub(super) struct NewCampaignBody {
    /// 1 to 200 characters.
    #[schema(value_type = Name)]
    pub(super) name: String,
    /// Its first day.
    pub(super) starts_on: Day,
    /// Its last day, not before the first.
    pub(super) ends_on: Day,
    /// Days before the same household may receive again, 0 to 3650; it may at once when left out.
    #[schema(minimum = 0, maximum = 3650)]
    pub(super) interval_days: Option<i64>,
}

/// A campaign as it will stand: every field is what it may be.
#[derive(Debug)]
pub struct NewCampaign {
    pub name: String,
    pub starts_on: Day,
    pub ends_on: Day,
    pub interval_days: Option<i64>,
}

impl NewCampaign {
    /// All fields, or all that is wrong with them.
    pub(super) fn parse(body: NewCampaignBody) -> Result<Self> {
        let NewCampaignBody { name, starts_on, ends_on, interval_days } = body;
        let mut fields = Validation::new();
        let name = fields.take("name", parse_name(&name));
        fields.check("ends_on", ends_on >= starts_on, || {
            Invalid::fixed(
                "out_of_range",
                "Ngày kết thúc không được trước ngày bắt đầu.",
                "The last day can't come before the first.",
            )
        });
        fields.check("interval_days", interval_days.is_none_or(|days| (0..=INTERVAL_DAYS_MAX).contains(&days)), || {
            Invalid::fixed(
                "out_of_range",
                "Khoảng cách giữa hai lần nhận từ 0 đến 3650 ngày.",
                "The days between two gifts are from 0 to 3650.",
            )
        });
        let (name,) = fields.all((name,))?;
        Ok(Self { name, starts_on, ends_on, interval_days })
    }
}

/// What changes about a campaign; what is left out stays.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"ends_on": "2021-10-31", "interval_days": 21}))]
pub(super) struct CampaignChange {
    /// The new name.
    #[schema(value_type = Option<Name>)]
    pub(super) name: Option<String>,
    /// Its first day.
    pub(super) starts_on: Option<Day>,
    /// Its last day, not before the first.
    pub(super) ends_on: Option<Day>,
    /// Days before the same household may receive again; null: it may at once. Vouchers that were issued stay valid.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 3650)]
    pub(super) interval_days: Option<Option<i64>>,
}

impl From<NewCampaignBody> for CampaignChange {
    fn from(body: NewCampaignBody) -> Self {
        Self {
            name: Some(body.name),
            starts_on: Some(body.starts_on),
            ends_on: Some(body.ends_on),
            interval_days: Some(body.interval_days),
        }
    }
}

impl CampaignChange {
    /// The campaign as it stands after the change, as it would be registered.
    pub(super) fn of(self, before: Campaign) -> NewCampaignBody {
        NewCampaignBody {
            name: self.name.unwrap_or(before.name),
            starts_on: self.starts_on.unwrap_or(before.starts_on),
            ends_on: self.ends_on.unwrap_or(before.ends_on),
            interval_days: self.interval_days.unwrap_or(before.interval_days),
        }
    }
}
