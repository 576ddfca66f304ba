//! The JSON API of areas and points.

pub(super) mod areas;
pub(super) mod outline;
pub(super) mod points;

use super::store;
use super::{Area, Point};
use crate::db::Conn;
use crate::http::{Api, Error, Result};
use crate::kernel::Message;
use crate::kernel::ids::{AreaId, PointId};

/// Areas and points.
pub fn router<A: Api>() -> A {
    A::new().merge(areas::router()).merge(outline::router()).merge(points::router())
}

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

/// The point that a field names must exist and be open.
pub async fn require_point(conn: &mut Conn, field: &str, id: PointId) -> Result<Point> {
    store::point(conn, id).await?.filter(|point| point.closed_at.is_none()).ok_or_else(|| {
        Error::field(
            field,
            "unknown",
            Message::fixed(
                "Không có điểm này hoặc điểm đã đóng. Xem danh sách điểm rồi chọn lại.",
                "There is no such point, or it is closed. See the list of points and choose again.",
            ),
        )
    })
}
