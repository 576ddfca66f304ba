//! The SQL of landlords, rooms and reductions: [`reductions`] and their [`rent_lines`], the way of
//! [`verification`], the [`table`] that staff see, the report's [`totals`], and what [`undo`] takes back with a list.

pub mod corrections;
pub mod erasure;
mod landlords;
mod reductions;
mod rent_lines;
pub mod reseal;
mod table;
pub mod totals;
pub mod undo;
mod verification;

pub use self::landlords::find_or_insert_landlord;
pub use self::reductions::{
    NewReduction, ReductionChange, ReductionFilter, ReductionRow, correct, insert_reduction, of_link, reduction,
    reductions,
};
pub use self::rent_lines::{LineOf, Overlap, delete_lines, insert_lines, lines, lines_of, move_lines, overlaps};
pub use self::table::{Listed, Sum, TableFilter, listed, months, sums};
pub use self::verification::{Given, confirm, counted_elsewhere, is_counted_elsewhere, lock, reject, verify, withdraw};
