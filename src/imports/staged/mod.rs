//! A list between upload and commit: read once, kept sealed for some days, committed by exactly one caller.
//!
//! Shared by every kind of list. What a row becomes is decided by the list's own feature; this keeps the file's rows,
//! recognises a file that came before, and lets one commit through however many try.

pub mod by_hand;
mod conflicts;
mod decision;
mod duties;
pub mod erasure;
mod file;
mod list;
pub mod progress;
pub mod reseal;
pub mod retention;
mod seal;
pub mod steps;
mod store;

pub use decision::{Decision, KeptDecision};
pub use duties::{hand_back, hand_on, open_of};
pub use file::{ReadFile, Sealed, read_file};
pub use list::{Left, Uploaded, earlier, errors_download, file, find, finish, restage, stage, take, undo};
pub use progress::Progress;
pub use store::{Earlier, StagedList};
