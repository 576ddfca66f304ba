//! What every handler shares: the core state, errors and their rendering, bodies, lists, creates done once, limits on
//! tries, the frame of pages and the files they need.

mod api;
pub mod assets;
mod body;
mod core;
mod create;
mod drain;
mod error;
mod form;
mod form_rows;
mod frame;
mod language;
mod limits;
mod import_memory;
mod list;
mod metrics;
mod notice;
mod peer;
mod problems;
mod proxies;
pub mod qr;
mod render;
mod store;
mod table;
pub mod throttle;
mod upload;
pub mod workbook;

pub use api::{Api, Described};
pub(crate) use api::{described, routes};
pub use body::{BODY_LIMIT, Body, Id, Params, Posted, given, parse_json};
pub use core::{Config, Core, CoreParts};
pub use create::{Answer, Claim, CreateBody, Idempotency};
pub use error::{Error, ErrorView, Problem, Problems, Result};
pub use form::{Form, quantity};
pub use form_rows::at_rows;
pub use frame::{Frame, Link, Menu, local_path, see_other, show};
pub use import_memory::ImportMemory;
pub use language::language_of;
pub use limits::Limits;
pub use list::{Cursor, Listing, Page};
pub use metrics::Metrics;
pub use peer::{OverTls, Peer, Reach};
pub use proxies::{NoProxy, Proxies, Proxy, customer};
pub use render::render_problems;
pub use table::{PAGE_ROWS, Rows, Turn};
pub use upload::{UPLOAD_LIMIT, Upload};
