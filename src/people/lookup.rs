//! Areas, points and phones that a request names: they must exist, and a phone serve one of the login's points.

use crate::db::{Conn, Tx};
use crate::http::{Error, Result};
use crate::kernel::Message;
use crate::kernel::ids::{AreaId, DeviceId, PointId};
use crate::people::Staff;
use crate::people::store::devices::{self, DeviceRow};
use crate::people::store::places;

/// The points that a scope names must exist; each is kept once.
pub(in crate::people) async fn require_points(tx: &mut Tx, mut points: Vec<PointId>) -> Result<Vec<PointId>> {
    points.sort_unstable();
    points.dedup();
    if places::unknown_points(tx, &points).await?.is_empty() {
        return Ok(points);
    }
    Err(Error::field(
        "point_ids",
        "unknown",
        Message::fixed(
            "Có điểm không tồn tại. Xem danh sách điểm rồi chọn lại.",
            "One of the points does not exist. See the list of points and choose again.",
        ),
    ))
}

pub(in crate::people) async fn require_area(tx: &mut Tx, area_id: Option<AreaId>) -> Result<()> {
    match area_id {
        Some(area_id) if !places::area_exists(tx, area_id).await? => Err(Error::field(
            "area_id",
            "unknown",
            Message::fixed(
                "Không có khu vực này. Xem danh sách khu vực rồi chọn lại.",
                "There is no such area. See the list of areas and choose again.",
            ),
        )),
        _ => Ok(()),
    }
}

/// A phone that a login looks after: one that serves one of its points. Another's is not found.
pub async fn reachable_device(conn: &mut Conn, staff: &Staff, id: DeviceId) -> Result<DeviceRow> {
    devices::one(conn, &staff.scope.points, id).await?.ok_or(Error::NotFound)
}
