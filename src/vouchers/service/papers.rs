//! Which of a round's papers are printed, in which order.

use crate::db::Conn;
use crate::http::{Error, Result};
use crate::kernel::ids::{AreaId, PointId, RoundId, VoucherId};
use crate::kernel::{Message, Within};
use crate::people::rights::PrintVouchers;
use crate::people::{Permit, Staff};
use crate::places;
use crate::places::{Point, require_area};
use crate::vouchers::print::stream;
use crate::vouchers::print::stream::Paper;
use crate::vouchers::reach::seen_round;
use crate::vouchers::round::Round;
use crate::vouchers::store::{print as store, rounds};

/// Which papers are asked for.
#[derive(Clone, Copy, Debug)]
pub struct PapersQuery {
    pub paper: Paper,
    /// Only vouchers of this point.
    pub point_id: Option<PointId>,
    /// Only this voucher.
    pub voucher_id: Option<VoucherId>,
    /// Only households of this area and of all areas in it.
    pub area_id: Option<AreaId>,
}

/// What is to be printed.
#[derive(Debug)]
pub struct Papers {
    pub round: Round,
    /// The one point that the papers are of.
    pub point: Option<Point>,
    /// The vouchers, in the order of their papers.
    pub ids: Vec<VoucherId>,
}

/// The issued vouchers of a round that a login reaches, by point, slot, area and serial.
pub async fn papers(
    conn: &mut Conn,
    permit: &Permit<PrintVouchers>,
    id: RoundId,
    wanted: PapersQuery,
) -> Result<Papers> {
    let round = seen_round(conn, &permit.scope.points, id).await?;
    wanted.point_id.map_or(Ok(()), |point_id| permit.require_point(point_id))?;
    let point = point(conn, &round, wanted.paper, wanted.point_id).await?;
    let areas = areas(conn, permit, wanted.area_id).await?;
    // Vouchers that count anywhere belong to the papers of each point.
    let only = (wanted.point_id.filter(|_| !round.any_point), wanted.voucher_id);
    let places = store::to_print(conn, id, only, &areas, &permit.named_points()).await?;
    let ids = stream::in_order(conn, places).await?;
    Ok(Papers { round, point, ids })
}

/// The point that is meant: the given one, or the only one of a round whose roster is asked for.
async fn point(conn: &mut Conn, round: &Round, paper: Paper, given: Option<PointId>) -> Result<Option<Point>> {
    let of_round = rounds::points_of(conn, &[round.id]).await?;
    let point_id = match (given, of_round.as_slice()) {
        (Some(id), _) if of_round.iter().any(|(_, point_id)| *point_id == id) => id,
        (Some(_), _) => {
            return Err(Error::field(
                "point_id",
                "not_in_round",
                Message::fixed(
                    "Điểm này không thuộc đợt phát. Hãy chọn một điểm của đợt.",
                    "This point does not belong to the round. Choose one that does.",
                ),
            ));
        }
        (None, [(_, only)]) => *only,
        (None, _) if paper == Paper::Roster && !round.any_point => {
            return Err(Error::field(
                "point_id",
                "required",
                Message::fixed(
                    "Đợt này có nhiều điểm phát. Chọn điểm (point_id) để in danh sách ký nhận của điểm đó.",
                    "This round has several points. Choose one (point_id) to print its list.",
                ),
            ));
        }
        (None, _) => return Ok(None),
    };
    Ok(places::store::point(conn, point_id).await?)
}

/// The areas that are asked for, inside those that the login sees.
async fn areas(conn: &mut Conn, staff: &Staff, given: Option<AreaId>) -> Result<Within<AreaId>> {
    let Some(area_id) = given else { return Ok(staff.scope.areas.clone()) };
    require_area(conn, "area_id", area_id).await?;
    staff.scope.areas.require(area_id)?;
    Ok(Within::these(places::store::subtree(conn, area_id).await?))
}
