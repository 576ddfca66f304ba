//! Workbooks and text files as people send them: titles above the header, subtotals between the people, signatures below.
//!
//! Promises: no database, no request, no clock; never panics, whatever the bytes; every row of the file is accounted for.
//!
//! From bytes to typed rows in steps: [`workbook`] opens the file into [`sheet`]s, [`header`] finds the columns by the
//! kind's [`vocabulary`], [`table`] tells rows of people from everything else, [`values`] reads single cells, and
//! [`reading`] is what each kind of list answers for every [`row`] of the file, with its [`issue`]s. [`mod@correct`]
//! reads a row again with what was typed instead of its wrong cells, and [`annotate`] hands the bad rows back as a
//! workbook. What a kind's columns are called and what its rows become is said by the kind's own feature.

pub mod annotate;
pub mod answers;
pub mod bounds;
pub mod cell;
mod classify;
mod correct;
pub mod fields;
mod formats;
pub mod header;
pub mod issue;
mod labels;
mod legacy_encoding;
mod lexicon;
pub mod reading;
pub mod refusal;
mod row;
mod sheet;
mod sniff;
pub mod table;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod text_file;
pub mod values;
mod vocabulary;
pub mod workbook;

pub use bounds::Limits;
pub use cell::Cell;
pub use classify::Skip;
pub use correct::{correct, reread};
pub use fields::FieldReader;
pub use header::{Choice, ColumnMap};
pub use issue::{Issue, RowIssue};
pub use reading::{Reading, SheetReading, Totals, read_list, read_list_at_once, read_typed};
pub use row::{ListRow, RowAt, RowStatus};
pub use sheet::{Sheet, SheetRow};
pub use table::{Record, Table};
pub use vocabulary::{Field, Vocabulary};
pub use workbook::Workbook;
