//! The pages of campaigns.

pub mod campaigns;
