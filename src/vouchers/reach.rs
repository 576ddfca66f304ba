//! Who may see a round or a voucher, and who may change a round: by the points and areas that a login reaches.

use crate::db::{Conn, Tx};
use crate::http::{Error, Result};
use crate::kernel::Within;
use crate::kernel::ids::{PointId, RoundId, VoucherId};
use crate::people::Staff;
use crate::vouchers::round::Round;
use crate::vouchers::store::{rounds as store, vouchers};
use crate::vouchers::voucher::VoucherRow;

/// A round that one of these points belongs to; another is refused.
pub async fn seen_round(conn: &mut Conn, points: &Within<PointId>, id: RoundId) -> Result<Round> {
    match store::one(conn, points, id).await? {
        Some(round) => Ok(round),
        None => Err(out_of_reach(conn, id).await?),
    }
}

/// The same, locked until the transaction ends: who reaches none of a round's points issues none of its vouchers.
pub async fn lock_round(tx: &mut Tx, points: &Within<PointId>, id: RoundId) -> Result<Round> {
    match store::lock(tx, points, id).await? {
        Some(round) => Ok(round),
        None => Err(out_of_reach(tx, id).await?),
    }
}

/// A round of other points is refused, one that there is not is not found.
async fn out_of_reach(conn: &mut Conn, id: RoundId) -> Result<Error> {
    Ok(if store::exists(conn, id).await? { Error::Forbidden } else { Error::NotFound })
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
    vouchers::one(conn, &staff.scope.areas, &staff.named_points(), id).await?.ok_or(Error::NotFound)
}

/// The same, locked until the transaction ends, as it then is.
pub async fn lock_voucher(tx: &mut Tx, staff: &Staff, id: VoucherId) -> Result<VoucherRow> {
    if !vouchers::lock(tx, &staff.scope.areas, &staff.named_points(), id).await? {
        return Err(Error::NotFound);
    }
    seen_voucher(tx, staff, id).await
}
