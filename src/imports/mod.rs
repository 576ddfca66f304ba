//! The import that every kind of list shares: uploaded, looked at, corrected, decided, committed, undone.
//!
//! Promises: nothing is stored before the commit; a commit stores all that it told or nothing; the same file is recognised;
//! what was stored can be undone as long as nothing depends on it.
//!
//! A new kind of list is a vocabulary, a row, a comparison with what is stored, a preview, a commit and its undoing: its
//! feature's `import/` implements the traits of the files of the same names here.
//!
//! | file | purpose |
//! |---|---|
//! | `kind.rs`, `scope.rs` | what a kind is stored as, who may work on it; which lists a login may see |
//! | `rows.rs`, `matching.rs` | what reads its rows, and what compares them with what is stored |
//! | `file.rs` | a file read and looked up, before anything is written |
//! | `corrected.rs`, `opened.rs` | a list as its clerk corrected it; as it stands, compared with what is stored |
//! | `preview.rs`, `decisions.rs` | what is shown of it, and what a clerk may decide about its rows |
//! | `commit.rs`, `undo.rs` | what stores it, and what removes again what was stored |
//! | `service.rs` | what is done with a list, in the order in which it is done |
//! | `staged/` | what was read is kept until it is committed, with what a clerk corrects and decides meanwhile |
//! | `sandbox/` | files are opened by a process of their own |
//! | `api/` | the calls of each kind's API |
//! | `pages/`, `view.rs`, `form.rs` | its pages, what they show, and what their forms say |

pub mod api;
pub mod commit;
pub mod corrected;
pub mod decisions;
pub mod file;
pub mod form;
pub mod kind;
pub mod matching;
pub mod opened;
pub mod pages;
pub mod preview;
pub mod rows;
pub mod sandbox;
mod scope;
pub mod service;
pub mod staged;
pub mod undo;
pub mod view;
