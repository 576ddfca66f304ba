//! What is sent of a list of areas, what is made of it, and what is answered.

use serde::{Deserialize, Serialize};

use super::area::AreaKind;
use super::outline::{self, Named};
use super::rules::require_area_place;
use crate::http::Result;
use crate::kernel::ids::AreaId;
use crate::people::Permit;
use crate::people::rights::ManagePlaces;

/// A list of areas.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({"text": "Khu dân cư số 3: Tổ 31, Tổ 32\nKhu dân cư số 4\n  Tổ 41-44", "dry_run": true}))]
pub(in crate::places) struct OutlineBody {
    /// One area a line, indented below the area it lies in; or `Khu dân cư số 3: Tổ 31, Tổ 32`; or `Tổ 41-44`.
    pub(in crate::places) text: String,
    /// The area that all of them lie in.
    pub(in crate::places) parent_id: Option<AreaId>,
    /// Only tells what would be made.
    #[serde(default)]
    pub(in crate::places) dry_run: bool,
}

/// A list that was read, of areas that its maker may make there.
#[derive(Debug)]
pub(in crate::places) struct NewAreas {
    /// In the order of the list.
    pub(in crate::places) named: Vec<Named>,
    /// The area that all of them lie in.
    pub(in crate::places) parent_id: Option<AreaId>,
    /// Whether nothing is to be made.
    pub(in crate::places) dry_run: bool,
}

impl NewAreas {
    /// The whole list, or all that is wrong with it; what lies outside of the caller's reach is refused.
    pub(in crate::places) fn parse(permit: &Permit<ManagePlaces>, body: &OutlineBody) -> Result<Self> {
        let OutlineBody { text, parent_id, dry_run } = body;
        let named = outline::parse(text)?;
        named.iter().try_for_each(|area| require_area_place(permit, area.kind, *parent_id))?;
        Ok(Self { named, parent_id: *parent_id, dry_run: *dry_run })
    }
}

/// One area of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub(in crate::places) struct OutlineArea {
    /// How many areas of the list it lies in.
    pub(in crate::places) depth: usize,
    /// Its name.
    #[schema(example = "Tổ 31")]
    pub(in crate::places) name: String,
    /// What kind of unit it is.
    pub(in crate::places) kind: AreaKind,
    /// Whether an area of that name is there already, at that place; it is left as it is.
    pub(in crate::places) known: bool,
}

/// What became of a list.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub(in crate::places) struct OutlineAnswer {
    /// Areas that were made, or would be.
    pub(in crate::places) created: usize,
    /// The list as it was read.
    pub(in crate::places) areas: Vec<OutlineArea>,
}
