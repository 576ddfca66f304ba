//! What a round is (đợt phát): one package handed out at some points between two moments.

use serde::{Deserialize, Serialize};

use crate::http::Error;
use crate::kernel::ids::{CampaignId, PackageId, PointId, RoundId};
use crate::kernel::{Day, Message, Moment};
use crate::vouchers::slots::{self, Slot};

/// Days that a round lasts at most.
pub const MAX_DAYS: i32 = 366;

/// What a phone without a network may hand out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Offline {
    /// Only what is leased to it alone.
    #[default]
    Strict,
    /// Also a valid voucher that is not known as used, marked for the coordinator to see.
    Amber,
}

impl Offline {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Amber => "amber",
        }
    }
}

/// How far a phone without a network may go with vouchers that are not leased to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AmberCaps {
    /// Handovers since it last heard from the server, at most; 1 to 1,000.
    pub in_a_row: i64,
    /// Hours since it last heard from the server, at most; 1 to 72.
    pub hours: i64,
}

impl Default for AmberCaps {
    fn default() -> Self {
        Self { in_a_row: 20, hours: 4 }
    }
}

/// Whether a round gives out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoundStatus {
    /// It does.
    Open,
    /// Not for the moment.
    Paused,
    /// Never again.
    Closed,
}

impl RoundStatus {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paused => "paused",
            Self::Closed => "closed",
        }
    }
}

/// What a round is doing at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Its time has not come.
    Ahead,
    /// It hands out.
    Running,
    /// It was paused.
    Paused,
    /// Its time is over, and nobody closed it yet.
    Over,
    /// It was closed for good.
    Closed,
}

impl Stage {
    /// From what is stored of a round.
    pub fn of(status: &str, starts_at: Moment, ends_at: Moment, now: Moment) -> Self {
        if status == RoundStatus::Closed.name() {
            Self::Closed
        } else if status == RoundStatus::Paused.name() {
            Self::Paused
        } else if now < starts_at {
            Self::Ahead
        } else if now < ends_at {
            Self::Running
        } else {
            Self::Over
        }
    }

    /// What screens call it.
    pub const fn say(self) -> Message {
        match self {
            Self::Ahead => Message::fixed("Chưa đến giờ", "Not yet"),
            Self::Running => Message::fixed("Đang phát", "Handing out"),
            Self::Paused => Message::fixed("Tạm dừng", "Paused"),
            Self::Over => Message::fixed("Đã hết giờ", "Over"),
            Self::Closed => Message::fixed("Đã kết thúc", "Closed"),
        }
    }
}

/// A round.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Round {
    /// Its id.
    pub id: RoundId,
    /// Its number in the code on paper, from 1.
    #[schema(example = 3)]
    pub number: i64,
    /// The campaign it belongs to.
    pub campaign_id: CampaignId,
    /// What a unit of a voucher is.
    pub package_id: PackageId,
    /// Its name.
    #[schema(example = "Đợt 3")]
    pub name: String,
    /// When it begins.
    pub starts_at: Moment,
    /// The first moment after it.
    pub ends_at: Moment,
    /// Length of a time slot; null: no slots.
    pub slot_minutes: Option<i64>,
    /// Vouchers of a slot and point at most.
    pub slot_capacity: Option<i64>,
    /// Whether a voucher counts only in its slot.
    pub enforce_slots: bool,
    /// Whether a voucher counts at each of the points.
    pub any_point: bool,
    /// Whether the name of who collects is always asked.
    pub collector_required: bool,
    /// `strict` or `amber`.
    #[schema(value_type = Offline)]
    pub offline: String,
    /// `amber`: handovers that a phone makes so at most before it has heard from the server again.
    #[schema(example = 20)]
    pub amber_in_a_row: i64,
    /// `amber`: hours after it last heard from the server in which a phone may do so.
    #[schema(example = 4)]
    pub amber_hours: i64,
    /// `open`, `paused` or `closed`.
    #[schema(value_type = RoundStatus)]
    pub status: String,
    /// When it was made.
    pub created_at: Moment,
}

impl Round {
    /// First and last day, the days on which its vouchers count.
    pub fn days(&self) -> (Day, Day) {
        slots::days(self.starts_at, self.ends_at)
    }

    /// Its slots with the capacity of each at one point; nothing when it has none.
    pub fn slots(&self) -> Option<(Vec<Slot>, u64)> {
        let (minutes, capacity) = (self.slot_minutes?, self.slot_capacity?);
        Some((slots::tile(self.starts_at, self.ends_at, minutes), u64::try_from(capacity).unwrap_or(0)))
    }

    /// What it is doing.
    pub fn stage(&self, now: Moment) -> Stage {
        Stage::of(&self.status, self.starts_at, self.ends_at, now)
    }

    /// Whether it gives out never again.
    pub fn is_closed(&self) -> bool {
        self.status == RoundStatus::Closed.name()
    }
}

/// A round with its points.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RoundView {
    /// The round.
    #[serde(flatten)]
    pub round: Round,
    /// Where it gives out.
    pub point_ids: Vec<PointId>,
}

/// The round gives out never again.
pub fn round_closed() -> Error {
    Error::conflict(
        "round_closed",
        "Đợt phát này đã kết thúc, không sửa được nữa. Hãy tạo đợt mới.",
        "This round is closed for good. Make a new one.",
    )
}
