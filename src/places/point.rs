//! Points: where packages are handed out, or goods are only kept.

use serde::{Deserialize, Serialize};

use crate::kernel::ids::{AreaId, PointId};
use crate::kernel::message::Invalid;
use crate::kernel::{Message, Moment};

/// What kind of place a point is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PointKind {
    /// Điểm phát quà: packages are handed out here.
    Distribution,
    /// Kho: goods are only kept here.
    Warehouse,
}

impl PointKind {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Distribution => "distribution",
            Self::Warehouse => "warehouse",
        }
    }

    /// What screens call it.
    pub const fn say(self) -> Message {
        match self {
            Self::Distribution => Message::fixed("Điểm phát quà", "Distribution point"),
            Self::Warehouse => Message::fixed("Kho", "Warehouse"),
        }
    }
}

impl std::str::FromStr for PointKind {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        [Self::Distribution, Self::Warehouse].into_iter().find(|kind| kind.name() == text).ok_or_else(|| {
            Invalid::fixed(
                "unknown_value",
                "Chọn điểm phát quà hoặc kho.",
                "Choose a distribution point or a warehouse.",
            )
        })
    }
}

/// What screens call a stored kind of point.
pub fn point_kind(name: &str) -> Message {
    name.parse::<PointKind>().map_or(Message::fixed("Điểm", "Point"), PointKind::say)
}

/// A distribution point or a warehouse.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Point {
    /// Its id.
    pub id: PointId,
    /// Its number in the code on paper, from 1.
    #[schema(example = 1)]
    pub number: i64,
    /// Its name.
    #[schema(example = "Nhà văn hóa khu dân cư số 3")]
    pub name: String,
    /// `distribution` or `warehouse`.
    #[schema(value_type = PointKind)]
    pub kind: String,
    /// The area it lies in.
    pub area_id: AreaId,
    /// Where people go.
    pub address: String,
    /// How many desks (bàn phát) it has.
    pub desks: i64,
    /// When it was closed for good.
    pub closed_at: Option<Moment>,
}
