//! The app's shell and files.

pub mod app;
