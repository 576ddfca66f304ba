//! Which points a login sees: its own points, the points of its area's subtree, or all.

use std::collections::HashSet;

use super::store::{self, IdRow};
use crate::db::Conn;
use crate::people::Staff;
use crate::places::{self, Point, PointId};
use crate::web::{Error, Result};

/// Points that a login may see.
#[derive(Clone, Debug)]
pub struct Scope(Option<HashSet<PointId>>);

impl Scope {
    /// Every point.
    pub const fn everything() -> Self {
        Self(None)
    }

    /// The points of a member of staff.
    pub async fn of(conn: &mut Conn, staff: &Staff) -> Result<Self> {
        let by_area = match staff.area_id {
            None => None,
            Some(area_id) => Some(store::points_below(conn, area_id).await?.into_iter().collect::<HashSet<_>>()),
        };
        Ok(Self(match (by_area, staff.point_ids.is_empty()) {
            (area, true) => area,
            (None, false) => Some(staff.point_ids.iter().copied().collect()),
            (Some(area), false) => Some(staff.point_ids.iter().copied().filter(|id| area.contains(id)).collect()),
        }))
    }

    /// Whether a point may be seen.
    pub fn sees(&self, point_id: PointId) -> bool {
        self.0.as_ref().is_none_or(|points| points.contains(&point_id))
    }

    /// Whether every point may be seen.
    pub const fn is_everything(&self) -> bool {
        self.0.is_none()
    }

    /// The points as rows for SQL; nothing when all may be seen.
    pub fn rows(&self) -> Vec<IdRow<PointId>> {
        self.0.iter().flatten().map(|id| IdRow { id: *id }).collect()
    }

    /// The open point that a field names, for a change: 422 when there is none, 403 outside the scope.
    pub async fn require_point(&self, conn: &mut Conn, field: &str, id: PointId) -> Result<Point> {
        let point = places::api::require_point(conn, field, id).await?;
        if self.sees(id) { Ok(point) } else { Err(Error::Forbidden) }
    }
}
