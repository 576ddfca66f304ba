//! The pages of imported lists of every kind: drop a file, see what would become of every row, correct and decide, store
//! it, undo it. A kind says where they are, its words, what its rows say, and what its forms ask beside ([`ListPages`]).

mod list;
mod list_pages;
mod part;
mod steps;
mod undo;
mod upload;

pub use list::{errors, show_page};
pub use list_pages::{Blocker, Choices, Fact, ListPages, RowSummary, Words};
pub use part::{area_field, part};
pub use steps::{choose_columns, commit, decide_all, save_rows};
pub use undo::{ask_undo, undo};
pub use upload::{earlier, progress, upload};
