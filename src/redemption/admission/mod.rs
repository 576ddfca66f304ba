//! Which records of a handover are taken as fact: not codes that somebody tries out, and of a revoked phone only what it
//! may have handed out before it was revoked.

pub mod rules;
pub mod service;
pub mod store;
