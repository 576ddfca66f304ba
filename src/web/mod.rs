//! What every handler shares: the core state, errors and their rendering, bodies, lists, creates done once.

mod body;
mod core;
mod create;
mod error;
mod list;
mod render;

pub use body::{Body, Id, Params, parse_json};
pub use core::{Config, Core, CoreParts};
pub use create::{Begun, Create, Once};
pub use error::{Error, ErrorView, Problem, Problems, Result};
pub use list::{Cursor, Listing, Page};
pub use render::{language_of, render_problems};
