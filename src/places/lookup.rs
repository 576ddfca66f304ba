//! Areas and points that a request names: they must exist, and a caller's own lie within their reach.

use super::area::Area;
use super::point::Point;
use super::store;
use crate::db::Conn;
use crate::http::{Error, Result};
use crate::kernel::ids::{AreaId, PointId};
use crate::kernel::{Message, Within};

/// The area that a field names must exist.
pub async fn require_area(conn: &mut Conn, field: &str, id: AreaId) -> Result<Area> {
    store::area(conn, id).await?.ok_or_else(|| {
        Error::field(
            field,
            "unknown",
            Message::fixed(
                "Không có khu vực này. Xem danh sách khu vực rồi chọn lại.",
                "There is no such area. See the list of areas and choose again.",
            ),
        )
    })
}

/// The open point that a field names, for a change: 422 when there is none, 403 when it is not within these.
pub async fn require_point(conn: &mut Conn, points: &Within<PointId>, field: &str, id: PointId) -> Result<Point> {
    let open = store::point(conn, id).await?.filter(|point| point.closed_at.is_none());
    let point = open.ok_or_else(|| {
        Error::field(
            field,
            "unknown",
            Message::fixed(
                "Không có điểm này hoặc điểm đã đóng. Xem danh sách điểm rồi chọn lại.",
                "There is no such point, or it is closed. See the list of points and choose again.",
            ),
        )
    })?;
    points.require(id)?;
    Ok(point)
}

/// An area that lies in a scope; another is refused.
pub(in crate::places) async fn reachable_area(conn: &mut Conn, scope: &Within<AreaId>, id: AreaId) -> Result<Area> {
    let area = store::area(conn, id).await?.ok_or(Error::NotFound)?;
    scope.require(id)?;
    Ok(area)
}

/// A point that lies within these; another is refused.
pub(in crate::places) async fn reachable_point(
    conn: &mut Conn,
    points: &Within<PointId>,
    id: PointId,
) -> Result<Point> {
    let point = store::point(conn, id).await?.ok_or(Error::NotFound)?;
    points.require(id)?;
    Ok(point)
}
