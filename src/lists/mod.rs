//! Lists as wards really send them: workbooks and text files with titles above the header, subtotals between the
//! people and signatures below.
//!
//! From bytes to typed rows, in steps that hold no database and no request: [`workbook`] opens the file, [`header`]
//! finds the columns, [`table`] tells rows of people from everything else, [`values`] reads single cells, and
//! [`outcome`] is what each kind of list answers for every row of the file. [`annotate`] hands the bad rows back as
//! a workbook. [`staged`] alone knows the database: it keeps what was read until it is
//! committed, with what a clerk mends and decides meanwhile. What is done with a list, from its upload to
//! taking it back, is [`sequence`], and its pages are [`pages`] ([`view`] is what they show, [`said`] what their forms
//! say): written once for every [`kind`] of list. What a kind's columns are called, what its rows become and what its
//! pages say of them is said by the kind's own room.

pub mod annotate;
pub mod answers;
mod bounds;
pub mod cell;
mod classify;
mod correct;
pub mod fields;
mod formats;
pub mod header;
pub mod kind;
mod labels;
mod lexicon;
mod legacy_encoding;
pub mod opened;
pub mod reading;
pub mod pages;
mod refusal;
pub mod form;
pub mod sandbox;
pub mod sequence;
mod sniff;
pub mod staged;
pub mod table;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod text_file;
pub mod values;
pub mod view;
pub mod workbook;

pub use cell::Cell;
pub use classify::Skip;
pub use correct::{correct, reread};
pub use fields::FieldReader;
pub use header::{Choice, ColumnMap, Field, Vocabulary};
pub use reading::{
    Issue, ListRow, Reading, RowAt, RowIssue, RowStatus, Totals, read_list, read_list_at_once, read_typed,
};
pub use table::{Record, Table};
pub use workbook::{Limits, Sheet, SheetRow, Workbook};
