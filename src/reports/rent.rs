//! What rent reductions come to, as the report tells it: asked of landlords.

use super::figures::{RentByStatus, RentOfStatus};
use super::period::Bounds;
use super::store::rows::{FigureRow, On, RowKind};
use crate::db::Conn;
use crate::http::Cursor;
use crate::landlords::store::totals::{self, CountedLine, RentSum};
use crate::landlords::{CutKind, ReductionStatus};

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
        match status {
            None => {
                figures.landlords = landlords;
                figures.counted = of_status;
            }
            Some(ReductionStatus::Pledged) => figures.by_status.pledged = of_status,
            Some(ReductionStatus::Verified) => figures.by_status.verified = of_status,
            Some(ReductionStatus::Confirmed) => figures.by_status.confirmed = of_status,
            Some(ReductionStatus::Withdrawn) => figures.by_status.withdrawn = of_status,
            Some(ReductionStatus::Rejected) => figures.by_status.rejected = of_status,
        }
    }
    Ok(figures)
}

/// The room-months behind what counts.
pub async fn rows(conn: &mut Conn, bounds: &Bounds, cursor: Cursor) -> Result<Vec<FigureRow>, sqlx::Error> {
    let lines = totals::counted_lines(conn, &bounds.rent(), cursor).await?;
    let row = |line: CountedLine| FigureRow {
        id: line.id.0,
        day: Some(On::Month(line.month)),
        at: None,
        kind: match line.kind {
            CutKind::Amount => RowKind::Amount,
            CutKind::Percent => RowKind::Percent,
            CutKind::Waiver => RowKind::Waiver,
        },
        label: line.room,
        count: 1,
        value: line.amount,
        record_id: line.reduction_id.0,
        room_id: Some(line.room_id.0),
    };
    Ok(lines.into_iter().map(row).collect())
}
