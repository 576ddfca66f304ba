//! The SQL of people: [`users`], [`tokens`] and sessions, [`second_factors`], [`sign_on`], [`devices`], the [`audit`] chain and the
//! [`settings`]; finding out who calls, and the [`places`] that logins and phones are confined to.

pub mod audit;
mod callers;
pub mod devices;
pub mod erasure;
pub mod places;
pub mod second_factors;
pub mod settings;
pub mod sign_on;
pub mod tokens;
pub mod users;

pub use self::callers::{ByToken, Standing, device, device_by_token, staff_by_token};
pub use self::tokens::{TokenKind, insert_token};
pub use self::users::{LoginRow, count_users, insert_user, login_by_username};
