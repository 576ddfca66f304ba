//! Every test of the service as a whole, in one binary; each runs on SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop")]

mod goods;
mod places;
mod support;
mod vouchers;
