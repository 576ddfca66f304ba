//! Areas: the ward, its neighbourhoods and groups.

use serde::Serialize;

use crate::kernel::ids::AreaId;
use crate::kernel::text_enum::text_enum;
use crate::kernel::{Day, Message};

text_enum! {
    /// What kind of unit an area is.
    pub enum AreaKind {
        /// Phường.
        Ward = "ward",
        /// Khu dân cư.
        Neighbourhood = "neighbourhood",
        /// Tổ dân phố.
        Group = "group",
    }
}

impl AreaKind {
    /// What screens call it.
    pub const fn say(self) -> Message {
        match self {
            Self::Ward => Message::fixed("Phường", "Ward"),
            Self::Neighbourhood => Message::fixed("Khu dân cư", "Neighbourhood"),
            Self::Group => Message::fixed("Tổ dân phố", "Group"),
        }
    }
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
    pub kind: AreaKind,
    /// The official code, if it has one.
    pub code: Option<String>,
    /// The first day it exists.
    pub starts_on: Day,
    /// The last day it exists; null while it does.
    pub ends_on: Option<Day>,
}
