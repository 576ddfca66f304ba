//! Erasing whoever had a login or carried a phone; called by `privacy` in its own transaction. The audit log names both by
//! their ids.

use crate::db::{Conn, Tx};
use crate::http::{Error, Result};
use crate::kernel::ids::{DeviceId, UserId};
use crate::kernel::{Clock, Traces};
use crate::people::store::erasure::{self, StoredDevice, StoredUser};
use crate::people::store::users;

/// One login.
pub async fn user(conn: &mut Conn, id: UserId) -> Result<StoredUser> {
    erasure::user(conn, id).await?.ok_or(Error::NotFound)
}

/// One phone.
pub async fn device(conn: &mut Conn, id: DeviceId) -> Result<StoredDevice> {
    erasure::device(conn, id).await?.ok_or(Error::NotFound)
}

/// Locks a login that is to be erased: true when it is to be done now, false when it was done before. The last
/// administrator stays.
pub async fn lock_user(tx: &mut Tx, id: UserId) -> Result<bool> {
    let admins = users::lock_admins(tx).await?;
    if user(tx, id).await?.erased_at.is_some() {
        return Ok(false);
    }
    if admins == [id] {
        return Err(Error::conflict(
            "last_admin",
            "Đây là quản trị viên cuối cùng. Hãy tạo một quản trị viên khác trước.",
            "This is the last administrator. Make another one first.",
        ));
    }
    Ok(true)
}

/// Locks a phone whose volunteer is to be erased: true when it is to be done now. One that may still hand out is revoked
/// first.
pub async fn lock_device(tx: &mut Tx, id: DeviceId) -> Result<bool> {
    erasure::lock_device(tx, id).await?;
    let device = device(tx, id).await?;
    if device.erased_at.is_some() {
        return Ok(false);
    }
    if device.enrolled_at.is_some() && device.revoked_at.is_none() {
        return Err(Error::conflict(
            "still_enrolled",
            "Máy này còn dùng để phát quà. Hãy thu hồi máy trước, rồi xóa tên người giữ máy.",
            "This phone is still in use. Revoke it first, then erase who carried it.",
        ));
    }
    Ok(true)
}

/// What tells of whoever has a login.
pub fn user_traces(user: &StoredUser) -> Traces {
    let mut traces = Traces::default();
    traces.add_name(&user.username);
    if let Some(name) = &user.full_name {
        traces.add_name(name);
    }
    traces
}

/// What tells of whoever carried a phone.
pub fn device_traces(device: &StoredDevice) -> Traces {
    let mut traces = Traces::default();
    traces.add_name(&device.volunteer);
    traces
}

/// Erases who has a login.
pub async fn erase_user(tx: &mut Tx, clock: &Clock, id: UserId) -> Result<()> {
    // Its own id keeps it apart from others.
    Ok(erasure::erase_user(tx, clock, id, format!("da-xoa-{}", id.0.simple())).await?)
}

/// Erases who carried a phone.
pub async fn erase_device(tx: &mut Tx, clock: &Clock, id: DeviceId) -> Result<()> {
    erasure::erase_device(tx, clock, id, format!("Máy {}", &id.0.simple().to_string()[24..])).await?;
    Ok(())
}
