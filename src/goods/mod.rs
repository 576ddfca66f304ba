//! Goods given, kept and handed out.

pub mod import;
