//! The JSON API of campaigns.

pub mod campaigns;
