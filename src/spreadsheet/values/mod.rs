//! Single cells as Vietnamese lists write them: days, months, money, quantities, counts.
//!
//! Every reader takes any cell, gives nothing for an empty one, and never panics; what does not fit an `i64` is an
//! error.

mod calendar;
mod numbers;

pub use calendar::{BirthYear, MonthSpan, birth_year, day, month, month_span};
pub use numbers::{Amount, MoneyUnit, amount, count, money, unit_of_title};

#[cfg(test)]
mod tests;
