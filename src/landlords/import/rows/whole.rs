//! Rows that say everything a reduction needs.

use super::reduction::Reduction;
use super::row::ReductionRow;
use crate::kernel::{Dong, Month};
use crate::landlords::rules::Cut;

/// A row that says everything a reduction needs.
#[derive(Clone, Copy)]
pub struct Whole<'a> {
    pub row: &'a ReductionRow,
    pub rooms: u16,
    pub rent: Dong,
    pub cut: Cut,
    pub reduced: Dong,
    pub from: Month,
    pub to: Month,
}

impl<'a> Whole<'a> {
    /// Nothing when the row lacks something, or cuts nothing.
    pub fn of(row: &'a ReductionRow) -> Option<Self> {
        let rent = row.rent?;
        let cut = match row.reduction? {
            Reduction::Waiver => Cut::Waiver,
            Reduction::Percent { basis_points } => Cut::Percent(i64::from(basis_points)),
            Reduction::Amount { amount } => Cut::Amount(amount),
        };
        let reduced = cut.of(rent).ok()?;
        Some(Self { row, rooms: row.rooms?, rent, cut, reduced, from: row.from?, to: row.to? })
    }

    /// The months, both ends counted.
    pub fn months(self) -> impl Iterator<Item = Month> + 'a {
        (0..self.from.months_through(self.to)).filter_map(move |n| self.from.plus(n))
    }
}
