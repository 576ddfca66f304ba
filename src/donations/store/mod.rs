//! The SQL of donors and donations. Writing is set-based: one donation or a whole list cost the same statements.

pub mod donations;
pub mod erasure;
pub mod listings;
pub mod trace;
