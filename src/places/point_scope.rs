//! Which points a login sees.

use crate::db::{Conn, IdRow};
use crate::http::Result;
use crate::kernel::Within;
use crate::kernel::ids::PointId;
use crate::people::Staff;
use crate::places::{Point, lookup};

/// Points that a login may see.
#[derive(Clone, Debug)]
pub struct PointScope(Within<PointId>);

impl PointScope {
    /// Every point.
    pub const fn everything() -> Self {
        Self(Within::All)
    }

    /// The points of a member of staff.
    pub fn of(staff: &Staff) -> Self {
        Self(staff.scope.points.clone())
    }

    /// Whether a point may be seen.
    pub fn sees(&self, point_id: PointId) -> bool {
        self.0.holds(point_id)
    }

    /// Whether every point may be seen.
    pub const fn is_everything(&self) -> bool {
        self.0.is_all()
    }

    /// The points as rows for SQL; nothing when all may be seen.
    pub fn rows(&self) -> Vec<IdRow<PointId>> {
        self.0.ids().into_iter().flatten().map(|id| IdRow { id }).collect()
    }

    /// The open point that a field names, for a change: 422 when there is none, 403 outside the scope.
    pub async fn require_point(&self, conn: &mut Conn, field: &str, id: PointId) -> Result<Point> {
        lookup::require_point(conn, &self.0, field, id).await
    }
}
