//! Where the work happens: the tree of areas, distribution points and warehouses.
//!
//! Areas are data, not an enum: Vietnamese wards, neighbourhoods (khu dân cư) and groups (tổ dân phố) are renamed,
//! merged and redrawn, so each has its own id, an official code as an attribute, days of validity and links to the
//! areas it came from.

pub mod api;
mod choices;
mod outline;
pub mod pages;
mod point_scope;
mod scope;
pub mod store;
pub mod tree;

use serde::{Deserialize, Serialize};

pub use self::choices::area_choices;
pub use self::point_scope::PointScope;
pub use self::scope::AreaScope;

use crate::kernel::ids::{AreaId, PointId};
use crate::kernel::message::Invalid;
use crate::kernel::vietnamese::uncapitalised;
use crate::kernel::{Day, Message, Moment};

/// What kind of unit an area is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AreaKind {
    /// Phường.
    Ward,
    /// Khu dân cư.
    Neighbourhood,
    /// Tổ dân phố.
    Group,
}

impl AreaKind {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ward => "ward",
            Self::Neighbourhood => "neighbourhood",
            Self::Group => "group",
        }
    }

    /// What screens call it.
    pub const fn say(self) -> Message {
        match self {
            Self::Ward => Message::fixed("Phường", "Ward"),
            Self::Neighbourhood => Message::fixed("Khu dân cư", "Neighbourhood"),
            Self::Group => Message::fixed("Tổ dân phố", "Group"),
        }
    }
}

impl std::str::FromStr for AreaKind {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        [Self::Ward, Self::Neighbourhood, Self::Group].into_iter().find(|kind| kind.name() == text).ok_or_else(|| {
            Invalid::fixed(
                "unknown_value",
                "Loại khu vực là phường, khu dân cư hoặc tổ dân phố.",
                "An area is a ward, a neighbourhood or a group.",
            )
        })
    }
}

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

/// What screens call a stored kind of area.
pub fn area_kind(name: &str) -> Message {
    name.parse::<AreaKind>().map_or(Message::fixed("Khu vực", "Area"), AreaKind::say)
}

/// What screens call a stored kind of point.
pub fn point_kind(name: &str) -> Message {
    name.parse::<PointKind>().map_or(Message::fixed("Điểm", "Point"), PointKind::say)
}

/// An area.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Area {
    /// Its own id, which outlives renaming.
    pub id: AreaId,
    /// The area it lies in.
    pub parent_id: Option<AreaId>,
    /// Its name, such as `Tổ 32`.
    #[schema(example = "Khu dân cư số 3")]
    pub name: String,
    /// `ward`, `neighbourhood` or `group`.
    #[schema(value_type = AreaKind)]
    pub kind: String,
    /// The official code, if it has one.
    pub code: Option<String>,
    /// The first day it exists.
    pub starts_on: Day,
    /// The last day it exists; null while it does.
    pub ends_on: Option<Day>,
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

/// A name of 1 to 200 characters, spaces trimmed.
pub fn parse_name(text: &str) -> Result<String, Invalid> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if (1..=200).contains(&name.chars().count()) {
        Ok(name)
    } else {
        Err(Invalid::fixed("out_of_range", "Tên dài từ 1 đến 200 ký tự.", "A name has 1 to 200 characters."))
    }
}

/// The body that issues a ward's papers: `Ủy ban MTTQ Việt Nam phường Thanh Khê`.
pub fn committee(ward: &str) -> String {
    format!("Ủy ban MTTQ Việt Nam {}", uncapitalised(ward)).trim_end().to_owned()
}
