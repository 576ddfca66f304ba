//! The import that every kind of list shares: uploaded, looked at, corrected, decided, committed, taken back.
//!
//! Promises: nothing is stored before the commit; a commit stores all that it told or nothing; the same file is recognised;
//! what was stored can be taken back as long as nothing depends on it.
//!
//! | file | purpose |
//! |---|---|
//! | `kind.rs` | what a kind of list says of itself, in its own feature: what reads, what matches, what stores |
//! | `sequence.rs` | what is done with a list, in the order in which it is done: the handlers of each kind's API |
//! | `opened.rs` | a list as it stands: read, corrected, compared with what is stored |
//! | `staged/` | what was read is kept until it is committed, with what a clerk corrects and decides meanwhile |
//! | `sandbox/` | files are opened by a process of their own |
//! | `pages/`, `view.rs`, `form.rs` | its pages, what they show, and what their forms say |

pub mod form;
pub mod kind;
pub mod opened;
pub mod pages;
pub mod sandbox;
pub mod sequence;
pub mod staged;
pub mod view;
