//! What a login that is confined to a part of the ward is told and may do.

mod confined;
mod world;
