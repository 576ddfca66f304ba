//! The calls that the API of every kind of list shares: each kind has them under its own paths and names.

mod clerk;
pub mod lists;

pub use clerk::Clerk;
