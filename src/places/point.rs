//! Points: where packages are handed out, or goods are only kept.

use serde::Serialize;

use crate::kernel::ids::{AreaId, PointId};
use crate::kernel::text_enum::text_enum;
use crate::kernel::{Message, Moment};

text_enum! {
    /// What kind of place a point is.
    pub enum PointKind {
        /// Điểm phát quà: packages are handed out here.
        Distribution = "distribution",
        /// Kho: goods are only kept here.
        Warehouse = "warehouse",
    }
}

impl PointKind {
    /// What screens call it.
    pub const fn say(self) -> Message {
        match self {
            Self::Distribution => Message::fixed("Điểm phát quà", "Distribution point"),
            Self::Warehouse => Message::fixed("Kho", "Warehouse"),
        }
    }
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
    pub kind: PointKind,
    /// The area it lies in.
    pub area_id: AreaId,
    /// Where people go.
    pub address: String,
    /// How many desks (bàn phát) it has.
    pub desks: i64,
    /// When it was closed for good.
    pub closed_at: Option<Moment>,
}
