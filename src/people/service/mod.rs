//! What is done with logins and phones, called by the API, the pages and the command line: [`setup`] makes the first
//! administrator, a [`login`] begins and ends sessions, administrators keep [`users`] and [`tokens`], coordinators
//! [`devices`].

pub mod devices;
pub mod erasure;
pub mod login;
pub mod pruning;
pub mod setup;
pub mod tokens;
pub mod users;
