//! Contradictions between what was handed out and what should have been: kept until a coordinator settles each.

mod new;
mod resolution;
pub mod service;
pub mod store;
mod view;

pub use new::NewConflict;
pub(super) use resolution::{Resolution, ResolutionBody};
pub use view::{ConflictPhone, ConflictView, HandoverView};
