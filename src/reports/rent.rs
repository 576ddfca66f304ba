//! What rent reductions come to, as the report tells it: asked of landlords.

use super::figures::{RentByStatus, RentOfStatus};
use super::period::Bounds;
use crate::db::Conn;
use crate::landlords::store::totals::{self, RentSum};

/// What rent reductions come to.
#[derive(Default)]
pub struct RentFigures {
    /// Landlords whose reductions count.
    pub landlords: i64,
    /// What counts; its number of reductions is not asked for.
    pub counted: RentOfStatus,
    /// Each status, whether it counts or not.
    pub by_status: RentByStatus,
}

/// Landlords, distinct rooms, room-months and đồng that count, and those of each status.
pub async fn rent(conn: &mut Conn, bounds: &Bounds) -> Result<RentFigures, sqlx::Error> {
    let mut figures = RentFigures::default();
    for sum in totals::sums_by_status(conn, &bounds.rent()).await? {
        let RentSum { status, landlords, reductions, rooms, room_months, amount } = sum;
        let of_status = RentOfStatus { reductions, rooms, room_months, amount };
        match status.as_deref() {
            None => {
                figures.landlords = landlords;
                figures.counted = of_status;
            }
            Some("pledged") => figures.by_status.pledged = of_status,
            Some("verified") => figures.by_status.verified = of_status,
            Some("confirmed") => figures.by_status.confirmed = of_status,
            Some("withdrawn") => figures.by_status.withdrawn = of_status,
            Some(_) => figures.by_status.rejected = of_status,
        }
    }
    Ok(figures)
}
