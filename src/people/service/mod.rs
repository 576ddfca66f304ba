//! What is done with logins and phones, called by the API, the pages and the command line: [`setup`] makes the first
//! administrator, a [`login`] begins and ends sessions, with a [`second_step`] where it has a [`second_factor`], or by
//! [`sign_on`]; administrators keep [`users`] and [`tokens`], coordinators [`devices`].

pub mod devices;
pub mod duties;
pub mod erasure;
pub mod login;
pub mod pruning;
pub mod second_factor;
pub mod second_step;
pub mod setup;
pub mod sign_on;
pub mod tokens;
mod tries;
pub mod users;
