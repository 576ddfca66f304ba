//! Phones, points and leases that a request names: a phone's own, at points that it serves.

use super::lease::Lease;
use super::rules::LeaseState;
use super::store;
use crate::db::{Conn, Tx};
use crate::http::{Error, Result};
use crate::kernel::ids::{LeaseId, PointId};
use crate::kernel::{Message, Moment, Within};
use crate::people::{Caller, Device};
use crate::places;
use crate::places::Point;

/// The phone that calls; members of staff take no leases.
pub(in crate::redemption) fn phone(caller: Caller) -> Result<Device> {
    match caller {
        Caller::Device(device) => Ok(device),
        Caller::Staff(_) => Err(Error::Forbidden),
    }
}

/// The phone's own lease; not found when it is another's.
pub(in crate::redemption) async fn own(conn: &mut Conn, device: &Device, id: LeaseId) -> Result<Lease> {
    store::own(conn, device.id, id).await?.ok_or(Error::NotFound)
}

/// The same, locked until the transaction ends.
pub(in crate::redemption) async fn lock_own(tx: &mut Tx, device: &Device, id: LeaseId) -> Result<Lease> {
    store::lock_own(tx, device.id, id).await?.ok_or(Error::NotFound)
}

/// A lease at one of these points, locked until the transaction ends; one elsewhere is refused.
pub(in crate::redemption) async fn lock_at(tx: &mut Tx, points: &Within<PointId>, id: LeaseId) -> Result<Lease> {
    match store::lock(tx, points, id).await? {
        Some(lease) => Ok(lease),
        None if store::exists(tx, id).await? => Err(Error::Forbidden),
        None => Err(Error::NotFound),
    }
}

/// A point that a phone serves.
pub(in crate::redemption) async fn point_of(conn: &mut Conn, device: &Device, id: PointId) -> Result<Point> {
    let point = places::store::point(conn, id).await?.ok_or_else(no_such_point)?;
    if device.point_ids.contains(&point.id) { Ok(point) } else { Err(Error::Forbidden) }
}

/// What a manifest is made for: a point that the caller serves, and a phone's lease there: the one that it names, or
/// else its open one.
pub(in crate::redemption) async fn of_manifest(
    conn: &mut Conn,
    caller: &Caller,
    (point_id, lease): (PointId, Option<LeaseId>),
    now: Moment,
) -> Result<(Point, Option<Lease>)> {
    let point = places::store::point(conn, point_id).await?.ok_or(Error::NotFound)?;
    if !caller.serves(point_id) {
        return Err(Error::Forbidden);
    }
    let lease = match (lease, caller) {
        (Some(id), Caller::Device(device)) => {
            let lease = own(conn, device, id).await?;
            let lease = Some(lease).filter(|lease| lease.point_id == point_id).ok_or(Error::NotFound)?;
            refuse_ended(&lease, now)?;
            Some(lease)
        }
        (None, Caller::Device(device)) => store::open_of(conn, device.id, point_id).await?,
        (Some(_), Caller::Staff(_)) => return Err(Error::NotFound),
        (None, Caller::Staff(_)) => None,
    };
    Ok((point, lease))
}

fn refuse_ended(lease: &Lease, now: Moment) -> Result<()> {
    match lease.state(now) {
        LeaseState::Open | LeaseState::InDoubt => Ok(()),
        LeaseState::Closed => Err(Error::conflict(
            "lease_closed",
            "Máy này đã báo kết thúc. Hãy nhận lại danh sách phiếu trước khi phát tiếp.",
            "This lease was reported as finished. Take a new one before going on.",
        )),
        LeaseState::Released => Err(Error::conflict(
            "lease_released",
            "Cán bộ phụ trách đã giải phóng danh sách phiếu của máy này. Hãy nhận lại trước khi phát tiếp.",
            "A coordinator released this phone's lease. Take a new one before going on.",
        )),
    }
}

/// There is no such point.
fn no_such_point() -> Error {
    Error::field("point_id", "unknown", Message::fixed("Không có điểm phát này.", "There is no such point."))
}
