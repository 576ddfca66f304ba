//! What the rows of a list add up to.

use std::collections::HashSet;

use super::row::ReductionRow;
use crate::kernel::Dong;
use crate::spreadsheet::{Reading, RowStatus};

/// What rows to be stored add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReductionTotals {
    pub landlords: usize,
    pub rooms: u64,
    /// Đồng forgone.
    pub amount: Dong,
}

/// Adds up the rows to be stored.
pub fn totals(reading: &Reading<ReductionRow>) -> ReductionTotals {
    let new = || reading.rows.iter().filter(|row| row.status == RowStatus::New).filter_map(|row| row.parsed.as_ref());
    ReductionTotals {
        landlords: new().map(|row| row.landlord).collect::<HashSet<_>>().len(),
        rooms: new().filter_map(|row| row.rooms).map(u64::from).sum(),
        amount: new().filter_map(|row| row.total).sum(),
    }
}
