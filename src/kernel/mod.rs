//! What every other room speaks: ids, money, quantities, moments, bilingual messages and Vietnamese text.
//!
//! Promises: no I/O, no clock, no chance. The current moment and random bytes are passed in, from
//! [`clock::Clock`], which only the composition room builds.

pub mod clock;
pub mod id;
pub mod moment;
pub mod money;
pub mod quantity;
pub mod say;
pub mod words;

pub use clock::Clock;
pub use moment::{Day, Moment};
pub use money::Dong;
pub use quantity::Quantity;
pub use say::{FieldError, Fields, Say};
