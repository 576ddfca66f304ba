//! What every handler shares: the core state, errors and their rendering, bodies, lists, creates done once, limits on
//! tries, the frame of pages and the files they need.

pub mod assets;
mod body;
mod core;
mod create;
mod error;
mod list;
mod frame;
mod metrics;
mod peer;
mod render;
mod store;
pub mod throttle;
mod upload;

pub use body::{BODY_LIMIT, Body, Id, Params, Posted, parse_json};
pub use core::{Config, Core, CoreParts};
pub use create::{Begun, Create, Once};
pub use error::{Error, ErrorView, Problem, Problems, Result};
pub use frame::{Frame, local_path, show};
pub use list::{Cursor, Listing, Page};
pub use metrics::Metrics;
pub use peer::Peer;
pub use render::{language_of, render_problems};
pub use upload::{UPLOAD_LIMIT, Upload};
