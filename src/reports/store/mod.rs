//! The SQL of the report. Reads only, and reads the tables of other features: a report is about all of them.

pub mod charts;
pub mod public;
pub mod rows;
pub mod totals;
