//! A phone as coordinators see it.

use serde::Serialize;

use crate::db::Conn;
use crate::http::{Error, Result};
use crate::kernel::ids::{DeviceId, PointId};
use crate::kernel::{Moment, Within};
use crate::people::Staff;
use crate::people::lookup::reachable_device;
use crate::people::store::devices::{self, DeviceRow};

/// A phone.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DeviceView {
    /// Its id.
    pub(in crate::people) id: DeviceId,
    /// Its name.
    #[schema(example = "Máy của Lan, bàn 1")]
    pub(in crate::people) name: String,
    /// Who carries it, as they said when they enrolled; may be empty.
    #[schema(example = "Nguyễn Thị Lan")]
    pub(in crate::people) volunteer: String,
    /// The points it serves.
    pub(in crate::people) point_ids: Vec<PointId>,
    /// When it was invited.
    pub(in crate::people) created_at: Moment,
    /// When its enrolment code ends.
    pub(in crate::people) enrol_expires_at: Moment,
    /// When it was enrolled; null until then.
    pub(in crate::people) enrolled_at: Option<Moment>,
    /// When it was last heard of, to the minute.
    pub(in crate::people) last_seen_at: Option<Moment>,
    /// When it was revoked.
    pub(in crate::people) revoked_at: Option<Moment>,
}

pub(in crate::people) async fn views(conn: &mut Conn, rows: Vec<DeviceRow>) -> Result<Vec<DeviceView>> {
    let ids: Vec<DeviceId> = rows.iter().map(|row| row.id).collect();
    let points = devices::points_of(conn, &ids).await?;
    let view = |row: DeviceRow| DeviceView {
        point_ids: points.iter().filter(|(id, _)| *id == row.id).map(|(_, point_id)| *point_id).collect(),
        id: row.id,
        name: row.name,
        volunteer: row.volunteer,
        created_at: row.created_at,
        enrol_expires_at: row.enrol_expires_at,
        enrolled_at: row.enrolled_at,
        last_seen_at: row.last_seen_at,
        revoked_at: row.revoked_at,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// A phone that serves one of these points, as coordinators see it.
pub async fn one_view(conn: &mut Conn, points: &Within<PointId>, id: DeviceId) -> Result<DeviceView> {
    let row = devices::one(conn, points, id).await?.ok_or(Error::NotFound)?;
    views(conn, vec![row]).await?.pop().ok_or(Error::NotFound)
}

pub(in crate::people) fn joined_names(names: &[(DeviceId, String)], id: DeviceId) -> String {
    names.iter().filter(|(of, _)| *of == id).map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", ")
}

/// A phone as its page tells of it.
pub struct KnownDevice {
    /// The phone.
    pub device: DeviceRow,
    /// The points it serves.
    pub point_ids: Vec<PointId>,
    /// Their names.
    pub points: String,
}

/// A phone of one's own points; another's is not found.
pub async fn known(conn: &mut Conn, staff: &Staff, id: DeviceId) -> Result<KnownDevice> {
    let device = reachable_device(conn, staff, id).await?;
    let point_ids: Vec<PointId> =
        devices::points_of(conn, &[id]).await?.into_iter().map(|(_, point_id)| point_id).collect();
    let names = devices::point_names_of(conn, &[id]).await?;
    Ok(KnownDevice { device, point_ids, points: joined_names(&names, id) })
}
