//! Which points a login sees.

use crate::db::{Conn, IdRow, id_rows};
use crate::http::Result;
use crate::kernel::Within;
use crate::kernel::ids::PointId;
use crate::people::Staff;
use crate::places::{Point, lookup};

/// Points that a login may see.
pub type PointScope = Within<PointId>;

impl PointScope {
    /// Every point.
    pub const fn everything() -> Self {
        Self::All
    }

    /// The points of a member of staff.
    pub fn of(staff: &Staff) -> Self {
        staff.scope.points.clone()
    }

    /// Whether a point may be seen.
    pub fn sees(&self, point_id: PointId) -> bool {
        self.holds(point_id)
    }

    /// Whether every point may be seen.
    pub const fn is_everything(&self) -> bool {
        self.is_all()
    }

    /// The points as rows for SQL; nothing when all may be seen.
    pub fn rows(&self) -> Vec<IdRow<PointId>> {
        id_rows(&self.ids().unwrap_or_default())
    }

    /// The open point that a field names, for a change: 422 when there is none, 403 outside the scope.
    pub async fn require_point(&self, conn: &mut Conn, field: &str, id: PointId) -> Result<Point> {
        let point = lookup::require_point(conn, field, id).await?;
        self.require(id)?;
        Ok(point)
    }
}
