//! Who may see a round or a voucher, and who may change a round: by the points and areas that a login reaches.

use crate::db::Conn;
use crate::http::{Error, Result};
use crate::kernel::Within;
use crate::kernel::ids::{PointId, RoundId, VoucherId};
use crate::people::Staff;
use crate::vouchers::round::Round;
use crate::vouchers::store::{rounds as store, vouchers};
use crate::vouchers::voucher::VoucherRow;

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

/// A voucher that a login reaches: of a household in its areas and, when its points were named one by one, one that counts
/// at one of them. That there is another is nobody's to know.
pub async fn seen_voucher(conn: &mut Conn, staff: &Staff, id: VoucherId) -> Result<VoucherRow> {
    let row = vouchers::one(conn, id).await?.ok_or(Error::NotFound)?;
    let named = staff.named_points();
    let counts_here = match row.point_id {
        _ if named.is_all() => true,
        Some(point_id) => named.holds(point_id),
        None => named.holds_one(store::points_of(conn, &[row.round_id]).await?.into_iter().map(|(_, id)| id)),
    };
    if counts_here && staff.scope.areas.holds(row.area_id) { Ok(row) } else { Err(Error::NotFound) }
}
