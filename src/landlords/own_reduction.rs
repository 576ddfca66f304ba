//! A pledge as its landlord sees it through the private link.

use serde::Serialize;

use super::reduction::Reduction;
use super::rent_line::RentLine;
use crate::kernel::{Dong, Moment};
use crate::landlords::ReductionStatus;

/// A pledge as its landlord sees it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(super) struct OwnReduction {
    /// What to read out when asking about it.
    #[schema(example = "K7QX-2M4P")]
    pub(super) reference: String,
    /// How far it has come.
    pub(super) status: ReductionStatus,
    /// What the landlord added.
    pub(super) note: String,
    /// Distinct rooms.
    #[schema(example = 7)]
    pub(super) rooms: i64,
    /// Room-months.
    #[schema(example = 21)]
    pub(super) room_months: i64,
    /// What tenants save, in đồng: as confirmed, or else as pledged.
    #[schema(value_type = i64, example = 10_500_000)]
    pub(super) amount: Dong,
    /// When it was sent.
    pub(super) submitted_at: Moment,
    /// Why it was rejected.
    pub(super) reject_reason: Option<String>,
    /// Each room's each month. `tenant` is always empty: the link may lie on a table.
    pub(super) lines: Vec<RentLine>,
}

impl OwnReduction {
    /// Nothing but what its sender said, and what became of it; rooms by their labels, nobody by name.
    pub(super) fn of(reduction: Reduction, lines: Vec<RentLine>) -> Self {
        let lines = lines.into_iter().map(|line| RentLine { tenant: String::new(), ..line }).collect();
        Self {
            reference: reduction.reference,
            status: reduction.status,
            note: reduction.note,
            rooms: reduction.rooms,
            room_months: reduction.room_months,
            amount: reduction.amount,
            submitted_at: reduction.submitted_at,
            reject_reason: reduction.reject_reason,
            lines,
        }
    }
}
