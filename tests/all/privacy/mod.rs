//! What people may ask of their data: to be told what is kept of them, and to be erased, from everywhere.

mod bytes;
mod cases;
mod consents;
mod restored;
mod traces;
mod telling;
mod world;
