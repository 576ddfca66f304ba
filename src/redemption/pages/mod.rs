//! The pages of handing out: following a round, a voucher's past, the desk, the paper list, the history, conflicts, a
//! phone with what it holds; merging households, whose vouchers go with them.

pub mod conflicts;
pub mod desk;
pub mod devices;
pub mod history;
pub mod merges;
pub mod roster;
pub mod round;
mod store;
pub mod voucher;
mod words;
