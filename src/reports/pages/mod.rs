//! The pages of the report: its figures, the rows behind each, what is published and its switch; and `/cong-khai`, which
//! anybody may read.

pub mod public;
pub mod report;
pub mod rows;
