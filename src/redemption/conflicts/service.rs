//! Whom a conflict concerns.

use super::store;
use crate::db::Conn;
use crate::http::{Error, Result};
use crate::kernel::ids::ConflictId;
use crate::people::Staff;

/// How far a login reaches into a conflict: whether it serves every point of its handovers, or of its phone where there
/// are none. Who serves none of them is told that there is no such conflict.
pub async fn reached(conn: &mut Conn, staff: &Staff, id: ConflictId) -> Result<bool> {
    let points = store::points_of(conn, id).await?;
    if !staff.scope.points.holds_one(points.iter().copied()) {
        return Err(Error::NotFound);
    }
    Ok(points.into_iter().all(|point_id| staff.serves(point_id)))
}
