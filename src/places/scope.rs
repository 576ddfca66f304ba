//! Which part of the ward a login sees.

use super::{AreaId, store};
use crate::db::Conn;
use crate::people::Staff;
use crate::web::{Error, Result};

/// The areas whose records a login may see and change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The whole ward.
    All,
    /// These areas only.
    Areas(Vec<AreaId>),
}

impl Scope {
    /// The scope of a login.
    pub async fn of(conn: &mut Conn, staff: &Staff) -> Result<Self> {
        Ok(match staff.area_id {
            None => Self::All,
            Some(area_id) => Self::Areas(store::subtree(conn, area_id).await?),
        })
    }

    /// Whether an area lies within.
    pub fn holds(&self, area_id: AreaId) -> bool {
        match self {
            Self::All => true,
            Self::Areas(areas) => areas.contains(&area_id),
        }
    }

    /// Refuses to create or move a record outside.
    pub fn require(&self, area_id: AreaId) -> Result<()> {
        if self.holds(area_id) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Only those of `areas` that lie within.
    #[must_use]
    pub fn narrowed(self, areas: Vec<AreaId>) -> Self {
        match self {
            Self::All => Self::Areas(areas),
            Self::Areas(mine) => Self::Areas(areas.into_iter().filter(|area| mine.contains(area)).collect()),
        }
    }
    /// The areas, spelled out; nothing: the whole ward.
    pub fn areas(self) -> Option<Vec<AreaId>> {
        match self {
            Self::All => None,
            Self::Areas(areas) => Some(areas),
        }
    }
}
