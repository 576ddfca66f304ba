//! Where the work happens: the tree of areas, distribution points and warehouses.
//!
//! Areas are data, not an enum: Vietnamese wards, neighbourhoods (khu dân cư) and groups (tổ dân phố) are renamed,
//! merged and redrawn, so each has its own id, an official code as an attribute, days of validity and links to the
//! areas it came from.

pub mod api;
mod area;
mod area_body;
mod choices;
mod committee;
mod lookup;
mod name;
mod outline;
mod outline_body;
pub mod pages;
mod point;
mod point_body;

pub mod routes;
mod rules;
mod service;
pub mod store;
pub mod tree;

pub use self::area::{Area, AreaKind};
pub use self::choices::{area_choices, own_area_choices};
pub use self::committee::committee;
pub use self::lookup::{require_area, require_point};
pub use self::name::parse_name;
pub use self::point::{Point, PointKind};
