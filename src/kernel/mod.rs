//! What every other module speaks: ids, money, quantities, moments, bilingual messages and Vietnamese text.
//!
//! Promises: no I/O, no clock, no chance. The current moment and random bytes are passed in, from
//! [`clock::Clock`], which only `app` and tests build.

pub mod citizen_id;
pub mod clock;
pub mod ids;
pub mod moment;
pub mod money;
pub mod month;
pub mod phone_number;
pub mod quantity;
pub mod message;
pub mod text_column;
pub mod text_enum;
pub mod traces;
pub mod vietnamese;
pub mod within;
pub mod words;

pub use citizen_id::CitizenId;
pub use clock::Clock;
pub use message::{FieldError, Message, Validation};
pub use moment::{Day, Moment};
pub use money::Dong;
pub use month::Month;
pub use phone_number::PhoneNumber;
pub use quantity::Quantity;
pub use traces::{ERASED_TEXT, Traces};
pub use within::Within;
