//! The JSON API of keys, rounds and vouchers.

pub mod issuing;
pub mod keys;
pub mod print;
pub mod rounds;
pub mod vouchers;
