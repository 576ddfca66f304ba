//! Who may see a round, and who may change it: by the points that a login reaches.

use crate::db::Conn;
use crate::http::{Error, Result};
use crate::kernel::Within;
use crate::kernel::ids::{PointId, RoundId};
use crate::people::Staff;
use crate::vouchers::round::Round;
use crate::vouchers::store::rounds as store;

/// A round that one of these points belongs to; another is refused.
pub async fn seen_round(conn: &mut Conn, points: &Within<PointId>, id: RoundId) -> Result<Round> {
    let round = store::one(conn, id).await?.ok_or(Error::NotFound)?;
    require_one_point(conn, points, id).await?;
    Ok(round)
}

/// Refuses who reaches none of a round's points: its vouchers are not theirs to see or to issue.
pub async fn require_one_point(conn: &mut Conn, points: &Within<PointId>, id: RoundId) -> Result<()> {
    let of_round = store::points_of(conn, &[id]).await?.into_iter().map(|(_, point_id)| point_id);
    if points.holds_one(of_round) { Ok(()) } else { Err(Error::Forbidden) }
}

/// A round is paused, resumed and closed by who reaches all its points.
pub async fn require_every_point(conn: &mut Conn, staff: &Staff, id: RoundId) -> Result<()> {
    let of_round = store::points_of(conn, &[id]).await?;
    of_round.into_iter().try_for_each(|(_, point_id)| staff.require_point(point_id))
}

/// Whether a login may pause, resume and close a round: for what a page offers.
pub async fn may_change(conn: &mut Conn, staff: &Staff, id: RoundId) -> Result<bool> {
    match require_every_point(conn, staff, id).await {
        Err(Error::Forbidden) => Ok(false),
        reached => reached.map(|()| true),
    }
}
