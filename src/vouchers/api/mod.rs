//! The JSON API of keys, rounds and vouchers.

pub(crate) mod issuing;
pub(crate) mod keys;
pub(crate) mod print;
pub(crate) mod rounds;
pub(crate) mod vouchers;

use super::round::Round;
use super::store::rounds as store;
use crate::db::Conn;
use crate::http::{Api, Error, Result};
use crate::kernel::ids::{PointId, RoundId};
use crate::people::{Staff, Within};

/// Keys, rounds and vouchers.
pub fn router<A: Api>() -> A {
    A::new()
        .merge(keys::router())
        .merge(rounds::router())
        .merge(issuing::router())
        .merge(print::router())
        .merge(vouchers::router())
}

/// A round that one of these points belongs to; another is refused.
pub(crate) async fn seen_round(conn: &mut Conn, points: &Within<PointId>, id: RoundId) -> Result<Round> {
    let round = store::one(conn, id).await?.ok_or(Error::NotFound)?;
    require_one_point(conn, points, id).await?;
    Ok(round)
}

/// Refuses who reaches none of a round's points: its vouchers are not theirs to see or to issue.
async fn require_one_point(conn: &mut Conn, points: &Within<PointId>, id: RoundId) -> Result<()> {
    let of_round = store::points_of(conn, &[id]).await?.into_iter().map(|(_, point_id)| point_id);
    if points.holds_one(of_round) { Ok(()) } else { Err(Error::Forbidden) }
}

/// A round is paused, resumed and closed by who reaches all its points.
async fn require_every_point(conn: &mut Conn, staff: &Staff, id: RoundId) -> Result<()> {
    let of_round = store::points_of(conn, &[id]).await?;
    of_round.into_iter().try_for_each(|(_, point_id)| staff.require_point(point_id))
}

/// Whether a login may pause, resume and close a round: for what a page offers.
pub(crate) async fn may_change(conn: &mut Conn, staff: &Staff, id: RoundId) -> Result<bool> {
    match require_every_point(conn, staff, id).await {
        Err(Error::Forbidden) => Ok(false),
        reached => reached.map(|()| true),
    }
}

/// The round gives out never again.
fn round_closed() -> Error {
    Error::conflict(
        "round_closed",
        "Đợt phát này đã kết thúc, không sửa được nữa. Hãy tạo đợt mới.",
        "This round is closed for good. Make a new one.",
    )
}
