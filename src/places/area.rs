//! Areas: the ward, its neighbourhoods and groups.

use serde::{Deserialize, Serialize};

use crate::kernel::ids::AreaId;
use crate::kernel::message::Invalid;
use crate::kernel::{Day, Message};

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

/// What screens call a stored kind of area.
pub fn area_kind(name: &str) -> Message {
    name.parse::<AreaKind>().map_or(Message::fixed("Khu vực", "Area"), AreaKind::say)
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
