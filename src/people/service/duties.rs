//! The parts of handing over an officer's duties that lie with logins: how far they reach, phones, the end of a login. The
//! act itself lies above, in `duties`.

use crate::db::{Conn, Tx};
use crate::http::{Error, Result};
use crate::kernel::Moment;
use crate::kernel::ids::{AreaId, DeviceId, PointId, UserId};
use crate::people::caller::forget_believed;
use crate::people::store::{devices, tokens, users};

/// Locks two logins, and whoever is an administrator before.
pub async fn lock(tx: &mut Tx, from: UserId, to: UserId) -> Result<()> {
    users::lock_admins(tx).await?;
    users::lock(tx, &[from, to]).await?;
    Ok(())
}

/// Sets how far a login reaches.
pub async fn set_reach(tx: &mut Tx, id: UserId, area_id: Option<AreaId>, points: &[PointId]) -> Result<()> {
    let user = users::one(tx, id).await?.ok_or(Error::NotFound)?;
    users::update(tx, id, user.role, area_id, user.disabled_at).await?;
    Ok(users::set_points(tx, id, points).await?)
}

/// Ends a login with all its tokens and sessions.
pub async fn disable(tx: &mut Tx, id: UserId, now: Moment) -> Result<()> {
    let user = users::one(tx, id).await?.ok_or(Error::NotFound)?;
    users::update(tx, id, user.role, user.area_id, Some(now)).await?;
    tokens::revoke_all(tx, id, now).await?;
    Ok(())
}

/// Lets a login in again; its tokens stay ended.
pub async fn enable(tx: &mut Tx, id: UserId) -> Result<()> {
    let user = users::one(tx, id).await?.ok_or(Error::NotFound)?;
    users::update(tx, id, user.role, user.area_id, None).await?;
    Ok(())
}

/// How many sessions and API tokens of a login are in force.
pub async fn tokens_in_force(conn: &mut Conn, now: Moment, id: UserId) -> Result<i64> {
    Ok(tokens::in_force(conn, id, now).await?)
}

/// Phones that a login invited and that are not revoked.
pub async fn phones_of(conn: &mut Conn, id: UserId) -> Result<Vec<DeviceId>> {
    Ok(devices::invited_by(conn, id).await?)
}

/// Gives these phones to another who looks after them.
pub async fn hand_on_phones(tx: &mut Tx, phones: &[DeviceId], to: UserId) -> Result<()> {
    devices::hand_on(tx, phones, to).await?;
    Ok(())
}

/// Gives those of these phones back that who took over still looks after.
pub async fn hand_back_phones(tx: &mut Tx, phones: &[DeviceId], (from, to): (UserId, UserId)) -> Result<()> {
    devices::hand_back(tx, phones, from, to).await?;
    Ok(())
}

/// Lets no process go on believing what these logins were, once it is committed.
pub fn forget_believed_after(tx: &mut Tx) {
    tx.after_commit(forget_believed);
}
